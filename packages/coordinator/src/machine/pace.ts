import type { State } from './state.js';

/** How long the steps of this membership took. */
export interface Pace {
  /** Steps so far. */
  readonly steps: number;
  /** Of late, in milliseconds: an old slow step counts for less with every quick one after it. */
  readonly slowestMs: number;
  /** When the step under way began. */
  readonly since: number;
}

/** Before that, engines may still be warming up. */
const leastSteps = 20;
const decay = 0.98;
const allowance = 20;
/** A pause of a garbage collector, a disk or a busy machine makes nobody lost. */
const leastTimeoutMs = 10_000;

export const noPace = { steps: 0, slowestMs: 0, since: 0 } as const satisfies Pace;

/** A step begins, after no other one. */
export const beginStretch = ({ pace, now }: State): Pace => ({ ...pace, since: now });

/** The step under way is done, and the next one begins. */
export const stepDone = ({ pace: { steps, slowestMs, since }, now }: State): Pace => ({
  steps: steps + 1,
  slowestMs: Math.max(now - since, slowestMs * decay),
  since: now,
});

/** How long a rank may take for a step: what was given, or many times what steps take here, and no longer than that. */
export function stepTimeoutOf({ settings, pace }: Pick<State, 'settings' | 'pace'>): number {
  const { stepTimeoutMs, adaptStepTimeout } = settings;
  if (!adaptStepTimeout || pace.steps < leastSteps) return stepTimeoutMs;
  const adapted = Math.max(leastTimeoutMs, allowance * pace.slowestMs);
  return Math.min(stepTimeoutMs, Math.round(adapted));
}
