import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partition } from './partition.js';

it('covers all elements, in order, at whole cache lines, evenly', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 64 }), (length, parts) => {
      const ranges = partition(length, parts);
      expect(ranges).toHaveLength(parts);
      let end = 0;
      for (const range of ranges) {
        expect(range.begin).toBe(end);
        if (range.begin < length) expect(range.begin % 16).toBe(0);
        end = range.end;
      }
      expect(end).toBe(length);
      const lengths = ranges.map((range) => Math.ceil((range.end - range.begin) / 16));
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

it.each([
  [-1, 1],
  [1.5, 1],
  [1, 0],
])('refuses %d elements in %d parts', (length, parts) => {
  expect(() => partition(length, parts)).toThrow(/cannot be cut/);
});
