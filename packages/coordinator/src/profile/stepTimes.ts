import type { RankTimes } from '@lockstep/core/protocol';

/**
 * What a rank does in a step, in this order, but that `wait` and `reduce` alternate where ranks add up in turns, and that
 * some of both follows `apply` where each rank updates a part of the weights.
 */
export const stepPhases = ['load', 'compute', 'wait', 'reduce', 'barrier', 'apply'] as const;

export type StepPhase = (typeof stepPhases)[number];

/** A step of one rank: when it began, and how long each phase took. Microseconds, on the coordinator's clock. */
export interface StepTimes extends Readonly<Record<StepPhase, number>> {
  readonly begin: number;
}

/**
 * What the ranks tell of a step, which is all that each of them can know, and the wait that follows from it when it
 * is seen side by side: a rank that has its gradient waits until the last one has, and one that has updated its part of
 * the weights until the last one has. Without that, what is left of `reduce` and `gather` (or of `barrier`, where the
 * coordinator adds up) is what adding up and moving take.
 *
 * It is as exact as the clocks are aligned.
 *
 * @param told by rank, on one clock; a rank of which nothing is known is waited for by nobody
 */
export function stepTimes(told: readonly (RankTimes | null)[]): (StepTimes | null)[] {
  const toGradient = behindLast(told, 3);
  const toWeights = behindLast(told, 6);
  return told.map((times, rank) => {
    if (times === null) return null;
    const [begin, load, compute, reduce, barrier, apply, gather] = times;
    const late = toGradient[rank]!;
    if (reduce === 0) {
      const wait = Math.min(late, barrier);
      return { begin, load, compute, wait, reduce, barrier: barrier - wait, apply };
    }
    const wait = Math.min(late, reduce) + Math.min(toWeights[rank]!, gather);
    return { begin, load, compute, wait, reduce: reduce + gather - wait, barrier, apply };
  });
}

/** How long before the last rank each comes to the end of its first phases. */
function behindLast(told: readonly (RankTimes | null)[], phases: number): number[] {
  const ends = told.map((times) =>
    times === null ? -Infinity : times.slice(0, phases).reduce((sum, each) => sum + each, 0),
  );
  const last = Math.max(...ends);
  return ends.map((end) => last - end);
}
