import type { ReducerName } from './reducer.js';

/** The ways in which the ranks of a cluster can average: among themselves, or through the coordinator. */
export type AllReduceName = ReducerName | 'star';

/** From the one that moves the least and waits the least to the one that does the most of both. */
export const allReduceNames = [
  'shared-memory',
  'hierarchical',
  'ring',
  'star',
] as const satisfies readonly AllReduceName[];

/** How an algorithm did when it was tried by all ranks. */
export interface Trial {
  readonly name: AllReduceName;
  /** Of one all-reduce, by the slowest rank; null: it failed on some rank. */
  readonly milliseconds: number | null;
}

export interface Choice {
  readonly name: AllReduceName;
  /** The algorithm that would have been taken, had this one not been clearly faster; null: none. */
  readonly insteadOf: AllReduceName | null;
}

/** What another algorithm may take at most of the preferred one's time to be taken in its place. */
const clearlyFaster = 0.8;

/**
 * What a busy machine may add to a trial of shared memory, where ranks look for each other without going to sleep: two
 * that have one core between them take turns by slices of the scheduler's, of some 4 ms, until it gives one of them
 * another core. That may be longer than a trial.
 */
const sliceMs = 5;

/** What an algorithm took for certain. */
const certainMs = (name: AllReduceName, milliseconds: number): number =>
  name === 'shared-memory' ? Math.max(0, milliseconds - sliceMs) : milliseconds;

/**
 * The algorithm to train with. Algorithms differ in how they round, so that a run repeats to the bit only when
 * the same one is chosen again: what is preferred is therefore given up only for one that is clearly faster, as
 * the noise of a measurement is not.
 *
 * @param trials in any order; each algorithm at most once
 * @returns null where all of them failed
 */
export function choose(trials: readonly Trial[]): Choice | null {
  const working = allReduceNames.flatMap((name) =>
    trials.flatMap((trial) =>
      trial.name === name && trial.milliseconds !== null
        ? [{ name, milliseconds: certainMs(name, trial.milliseconds) }]
        : [],
    ),
  );
  const [first, ...others] = working;
  if (first === undefined) return null;
  const chosen = others.reduce(
    (best, other) => (other.milliseconds < clearlyFaster * best.milliseconds ? other : best),
    first,
  );
  return { name: chosen.name, insteadOf: chosen === first ? null : first.name };
}
