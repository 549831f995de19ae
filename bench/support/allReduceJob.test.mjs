import { expect, test } from 'vitest';
import { medianOf } from './allReduceJob.mjs';

test('an operation takes the mean over the ranks, and the median of them counts', () => {
  const answers = [{ milliseconds: [1, 4, 100] }, { milliseconds: [3, 6, 0] }];
  expect(medianOf(answers)).toBe(5);
});
