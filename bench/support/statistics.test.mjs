import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, ratio, spread } from './statistics.mjs';

const rates = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), { minLength: 1 });

test('the median has as many values above as below', () => {
  expect(median([3, 100, 1])).toBe(3);
  expect(median([4, 1, 100, 2])).toBe(3);
  fc.assert(
    fc.property(rates, (values) => {
      const middle = median(values);
      const below = values.filter((value) => value < middle).length;
      const above = values.filter((value) => value > middle).length;
      expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});

test('a spread keeps the order in which it was measured', () => {
  const values = [3, 100, 20];
  expect(spread(values)).toEqual({ median: 20, least: 3, greatest: 100 });
  expect(values).toEqual([3, 100, 20]);
});

test('a ratio is of the medians, its range of what was measured in the same round', () => {
  // A machine that was half as fast in the second round: the sides still differ by two.
  expect(ratio([200, 100, 220], [100, 50, 100])).toEqual({ median: 2, least: 2, greatest: 2.2 });
});
