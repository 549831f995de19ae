import { LockstepError } from '../errors.js';

/** What every reducer says at its deadline: whom it waited for. */
export class MissingRanks extends LockstepError {
  /** @param ranks at least one */
  constructor(
    readonly operation: string,
    readonly ranks: readonly number[],
    deadlineMs: number,
  ) {
    super(
      'WORKER_LOST',
      `${listRanks(ranks)} did not answer in the ${operation} within ${deadlineMs / 1000} s`,
      {
        hint: 'See the logs of those ranks: they died, were stopped, or are slower than the deadline.',
      },
    );
  }
}

export const missingRanks = (...of: ConstructorParameters<typeof MissingRanks>): MissingRanks =>
  new MissingRanks(...of);

/** `rank 3`, or `ranks 1, 3`: for people, in ascending order. */
function listRanks(ranks: readonly number[]): string {
  const ascending = [...new Set(ranks)].sort((a, b) => a - b);
  return `${ascending.length === 1 ? 'rank' : 'ranks'} ${ascending.join(', ')}`;
}
