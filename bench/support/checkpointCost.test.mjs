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
  const times = timesOf(46, 10);
  expect(checkpointCost(times, { every: 10, window: 3, warmUp: 5 })).toEqual([7, 7, 7, 7]);
});

test('steps of the warm-up do not count', () => {
  const times = timesOf(46, 10);
  expect(checkpointCost(times, { every: 10, window: 3, warmUp: 17 })).toEqual([7, 7, 7]);
  expect(checkpointCost(times, { every: 10, window: 3, warmUp: 18 })).toEqual([7, 7]);
});

test('a machine that becomes slower is not the checkpoints', () => {
  const times = Array.from({ length: 41 }, (_, i) => i * i);
  const costs = checkpointCost(times, { every: 10, window: 4, warmUp: 0 });
  expect(costs).toEqual([0, 0, 0]);
});
