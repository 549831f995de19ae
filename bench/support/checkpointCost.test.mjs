import { expect, test } from 'vitest';
import { checkpointCost } from './checkpointCost.mjs';

/** Steps of 2 ms, and 7 ms more in the one after each checkpoint. */
function timesOf(steps, every) {
  let now = 0;
  return Array.from({ length: steps }, (_, i) => {
    now += i > 0 && i % every === 0 ? 9 : 2;
    return now;
  });
}

test('a checkpoint costs what the steps after it take more than those without', () => {
  expect(checkpointCost(timesOf(51, 10), { every: 10, warmUp: 5 })).toEqual([7, 7, 7, 7]);
});

test('steps of the warm-up do not count', () => {
  expect(checkpointCost(timesOf(50, 10), { every: 10, warmUp: 15 })).toEqual([7, 7, 7]);
});

test('a machine that becomes slower is not the checkpoints', () => {
  const times = Array.from({ length: 41 }, (_, i) => i * i);
  for (const cost of checkpointCost(times, { every: 10, warmUp: 0 })) expect(cost).toBeCloseTo(0);
});
