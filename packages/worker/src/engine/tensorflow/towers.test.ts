import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTowers } from './towers.js';

const cnn = { activations: 27_000, weights: 694_000 };
const deep = { activations: 48_000, weights: 3_275_000 };

describe('planTowers', () => {
  it('gives every sample to one part, in order, and each thread about as many', () => {
    const work = fc.record({
      activations: fc.integer({ min: 1, max: 5_000_000 }),
      weights: fc.integer({ min: 1, max: 10_000_000 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 64 }),
        work,
        (samples, threads, cost) => {
          const towers = planTowers(threads, cost).towers(samples);
          const parts = towers.flat();
          const begins = parts.map(({ begin }) => begin);
          const ends = parts.map(({ end }) => end);
          expect(begins).toEqual([0, ...ends.slice(0, -1)]);
          expect(ends.at(-1)).toBe(samples);
          for (const { begin, end } of parts) expect(end).toBeGreaterThan(begin);
          const sizes = towers.map((tower) => tower.at(-1)!.end - tower[0]!.begin);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          expect(towers.length).toBeLessThanOrEqual(threads);
          if (towers.length > 1) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(4);
        },
      ),
    );
  });

  it('gives the threads a tower each, in parts that stay in the cache', () => {
    const { threadsOfOp, towers } = planTowers(2, cnn);
    expect(threadsOfOp).toBe(1);
    expect(towers(32)).toEqual([[{ begin: 0, end: 16 }], [{ begin: 16, end: 32 }]]);
    expect(towers(7)).toEqual([[{ begin: 0, end: 7 }]]);
    for (const tower of towers(1024)) {
      expect(tower.length).toBe(5);
      for (const { begin, end } of tower) expect((end - begin) * 27_000).toBeLessThan(3_100_000);
    }
  });

  it('has no more parts for the largest batch than can soon be captured', () => {
    for (const samples of [60_000, 1_000_000]) {
      expect(planTowers(2, cnn).towers(samples).flat().length).toBeLessThanOrEqual(2 * 64);
    }
  });

  it('leaves a batch whole where there are more weights than activations', () => {
    const { threadsOfOp, towers } = planTowers(2, deep);
    expect(threadsOfOp).toBe(2);
    expect(towers(50)).toEqual([[{ begin: 0, end: 50 }]]);
  });
});
