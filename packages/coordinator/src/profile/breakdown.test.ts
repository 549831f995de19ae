import { expect, it } from 'vitest';
import { StepBreakdown } from './breakdown.js';
import type { StepTimes } from './stepTimes.js';

const fast: StepTimes = {
  begin: 0,
  load: 1_000,
  compute: 10_000,
  wait: 4_000,
  reduce: 2_000,
  barrier: 500,
  apply: 3_000,
};
const slow: StepTimes = { ...fast, compute: 14_000, wait: 0 };

function observe(breakdown: StepBreakdown, times: (StepTimes | null)[], steps: number): void {
  for (let i = 0; i < steps; i++) breakdown.observe(times);
}

it('leaves the first 20 steps out, and those of which not all ranks told', () => {
  const breakdown = new StepBreakdown();
  observe(breakdown, [{ ...fast, load: 9 }, fast], 20);
  observe(breakdown, [null, fast], 5);
  expect(breakdown.result).toBe(null);
  observe(breakdown, [fast, slow], 30);
  const means = { load: 1, compute: 10, wait: 4, reduce: 2, barrier: 0.5, apply: 3 };
  expect(breakdown.result).toEqual({
    steps: 30,
    ranks: [means, { ...means, compute: 14, wait: 0 }],
    stragglers: [{ rank: 1, share: 1, lateMs: 4, stepMs: 20.5, phase: 'compute' }],
  });
});

it('begins again with another number of ranks', () => {
  const breakdown = new StepBreakdown();
  observe(breakdown, [fast, slow], 50);
  observe(breakdown, [fast, fast, fast], 1);
  expect(breakdown.result).toMatchObject({ steps: 1, stragglers: [] });
  expect(breakdown.result?.ranks).toHaveLength(3);
});
