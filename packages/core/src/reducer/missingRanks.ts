import { LockstepError } from '../errors.js';

/**
 * What every reducer says at its deadline: whom it waited for.
 *
 * @param ranks at least one
 */
export function missingRanks(
  operation: string,
  ranks: readonly number[],
  deadlineMs: number,
): LockstepError {
  return new LockstepError(
    'WORKER_LOST',
    `${listRanks(ranks)} did not answer in the ${operation} within ${deadlineMs / 1000} s`,
    {
      hint: 'See the logs of those ranks: they died, were stopped, or are slower than the deadline.',
    },
  );
}

/** `rank 3`, or `ranks 1, 3`: for people, in ascending order. */
function listRanks(ranks: readonly number[]): string {
  const ascending = [...new Set(ranks)].sort((a, b) => a - b);
  return `${ascending.length === 1 ? 'rank' : 'ranks'} ${ascending.join(', ')}`;
}
