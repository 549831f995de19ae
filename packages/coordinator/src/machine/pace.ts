import type { State } from './state.js';

/** How long the steps of this membership took. */
export interface Pace {
  /** Steps so far. */
  readonly steps: number;
  /** Of late, in milliseconds: an old slow step counts for less with every quick one after it. */
  readonly slowestMs: number;
  /** Likewise: an old quick step counts for less with every slow one after it. */
  readonly quickestMs: number;
  /** When the steps under way began. */
  readonly since: number;
}

/** Before that, engines may still be warming up. */
const leastSteps = 20;
const decay = 0.98;
const allowance = 20;
/** A pause of a garbage collector, a disk or a busy machine makes nobody lost. */
const leastTimeoutMs = 10_000;

export const noPace = {
  steps: 0,
  slowestMs: 0,
  quickestMs: Number.POSITIVE_INFINITY,
  since: 0,
} as const satisfies Pace;

/** A step begins, after no other one. */
export const beginStretch = ({ pace, now }: State): Pace => ({ ...pace, since: now });

/** Some steps are done, and the next ones begin. */
export function stepsDone({ pace, now }: State, count: number): Pace {
  const { steps, slowestMs, quickestMs, since } = pace;
  const each = (now - since) / count;
  const past = decay ** count;
  return {
    steps: steps + count,
    slowestMs: Math.max(each, slowestMs * past),
    quickestMs: Math.min(each, quickestMs / past),
    since: now,
  };
}

/** How long a rank may take for a step: what was given, or many times what steps take here, and no longer than that. */
export function stepTimeoutOf({ settings, pace }: Pick<State, 'settings' | 'pace'>): number {
  const { stepTimeoutMs, adaptStepTimeout } = settings;
  if (!adaptStepTimeout || pace.steps < leastSteps) return stepTimeoutMs;
  const adapted = Math.max(leastTimeoutMs, allowance * pace.slowestMs);
  return Math.min(stepTimeoutMs, Math.round(adapted));
}
