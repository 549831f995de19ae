import { describe, expect, it } from 'vitest';
import { noPace, type Pace, stepsDone, stepTimeoutOf } from './pace.js';
import { Rehearsal, settings } from './rehearsal.suite.js';
import type { State } from './state.js';

const { state } = new Rehearsal();

/** After steps that took so many milliseconds. */
function paceOf(steps: readonly number[]): Pace {
  let [pace, now]: [Pace, number] = [noPace, 0];
  for (const took of steps) {
    now += took;
    pace = stepsDone({ ...state, now, pace } as State, 1);
  }
  return pace;
}

const steps = (count: number, took: number) => Array.from({ length: count }, () => took);

const timeoutAfter = (pace: Pace, adaptStepTimeout = true) =>
  stepTimeoutOf({ settings: { ...settings, stepTimeoutMs: 60_000, adaptStepTimeout }, pace });

describe('the time that a step may take', () => {
  it('is what was given, where it was', () => {
    expect(timeoutAfter(paceOf(steps(100, 3)), false)).toBe(60_000);
  });

  it('is the longest there is until some steps were taken', () => {
    expect(timeoutAfter(paceOf(steps(19, 3)))).toBe(60_000);
  });

  it('is twenty times that of the slowest one of late', () => {
    expect(timeoutAfter(paceOf(steps(20, 800)))).toBe(16_000);
    expect(timeoutAfter(paceOf([...steps(20, 800), 1_000]))).toBe(20_000);
  });

  it('forgets one that was slow, little by little', () => {
    const after = (count: number) =>
      timeoutAfter(paceOf([...steps(20, 600), 2_500, ...steps(count, 600)]));
    expect(after(1)).toBe(49_000);
    expect(after(200)).toBe(12_000);
  });

  it('is neither too short for a pause, nor longer than the longest', () => {
    expect(timeoutAfter(paceOf(steps(50, 3)))).toBe(10_000);
    expect(timeoutAfter(paceOf(steps(50, 9_000)))).toBe(60_000);
  });
});
