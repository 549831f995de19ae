import { z } from 'zod';

/**
 * What a rank does in a step, in this order; `wait` and `reduce` alternate.
 *
 * - `load`: until its batch is there
 * - `compute`: forward and backward
 * - `wait`: for other ranks, while they add up among themselves
 * - `reduce`: adds up and moves
 * - `barrier`: until the coordinator says that the step is complete. Where the coordinator adds up (`star`),
 *   that and the wait for other ranks are in here
 * - `apply`: the optimizer. In a world of one it is part of `compute`
 */
export const stepPhases = ['load', 'compute', 'wait', 'reduce', 'barrier', 'apply'] as const;

export type StepPhase = (typeof stepPhases)[number];

const microseconds = z.number().int().nonnegative();

/** When a step began, on some clock, and how long each of its phases took, in their order. Microseconds. */
export const stepTimesSchema = z.tuple([
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
  microseconds,
]);

export type StepTimes = z.infer<typeof stepTimesSchema>;

/** @param milliseconds of each phase, and of the beginning on a clock that only goes forward */
export function stepTimes(
  begin: number,
  milliseconds: Readonly<Record<StepPhase, number>>,
): StepTimes {
  const { load, compute, wait, reduce, barrier, apply } = milliseconds;
  const [b, l, c, w, r, s, a] = [begin, load, compute, wait, reduce, barrier, apply].map((time) =>
    Math.max(0, Math.round(time * 1000)),
  );
  return [b!, l!, c!, w!, r!, s!, a!];
}

export function phaseTime(times: StepTimes, phase: StepPhase): number {
  return times[1 + stepPhases.indexOf(phase)]!;
}
