import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeLength } from '../range.js';
import { cutRange, groupRanges } from './grouping.js';

const maximums = fc.integer({ min: 1, max: 50 });
const ranges = fc.array(
  fc.tuple(fc.nat(200), fc.nat(80)).map(([begin, length]) => ({ begin, end: begin + length })),
);
const total = (group: { begin: number; end: number }[]) =>
  group.reduce((sum, range) => sum + rangeLength(range), 0);

describe('groupRanges', () => {
  it('keeps the order, stays within the maximum, and never splits a group without need', () => {
    fc.assert(
      fc.property(ranges, maximums, (all, maximum) => {
        const groups = groupRanges(all, maximum);
        expect(groups.flat()).toEqual(all);
        groups.forEach((group, index) => {
          const next = groups[index + 1]?.[0];
          if (next !== undefined) expect(total(group) + rangeLength(next)).toBeGreaterThan(maximum);
          if (group.filter((range) => rangeLength(range) > 0).length > 1) {
            expect(total(group)).toBeLessThanOrEqual(maximum);
          }
        });
      }),
    );
  });
});

describe('cutRange', () => {
  it('gives consecutive pieces that together are the range', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(300), maximums, (begin, length, maximum) => {
        const pieces = cutRange({ begin, end: begin + length }, maximum);
        let covered = begin;
        for (const piece of pieces) {
          expect(piece.begin).toBe(covered);
          expect(rangeLength(piece)).toBeGreaterThan(0);
          expect(rangeLength(piece)).toBeLessThanOrEqual(maximum);
          covered = piece.end;
        }
        expect(covered).toBe(begin + length);
        expect(pieces).toHaveLength(Math.ceil(length / maximum));
      }),
    );
  });
});
