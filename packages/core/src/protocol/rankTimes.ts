import { z } from 'zod';

/**
 * What a rank can tell of a step, phase after phase:
 *
 * - `load`: until its batch is there
 * - `compute`: forward and backward
 * - `reduce`: adds up with the other ranks; the wait for those that are late is in here
 * - `barrier`: until the coordinator says that the step is complete, or the one before where ranks add up among
 *   themselves. Where the coordinator adds up (`star`), the wait and all of that are in here
 * - `apply`: the optimizer. In a world of one it is part of `compute`
 * - `gather`: gets the weights that others have updated, where each rank updates a part; the wait for those that are
 *   late is in here
 */
export type RankPhase = 'load' | 'compute' | 'reduce' | 'barrier' | 'apply' | 'gather';

const microseconds = z.number().int().nonnegative();

/** When a step began, on some clock, and how long each of its phases took, in their order. Microseconds. */
export const rankTimesSchema = z.tuple([
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
]);

export type RankTimes = z.infer<typeof rankTimesSchema>;

/** @param milliseconds of each phase, and of the beginning on a clock that only goes forward */
export function rankTimes(
  begin: number,
  milliseconds: Readonly<Record<RankPhase, number>>,
): RankTimes {
  const { load, compute, reduce, barrier, apply, gather } = milliseconds;
  return [
    rounded(begin),
    rounded(load),
    rounded(compute),
    rounded(reduce),
    rounded(barrier),
    rounded(apply),
    rounded(gather),
  ];
}

const rounded = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 1000));
