import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTowers } from './towers.js';

const work = fc.record({
  activations: fc.integer({ min: 1, max: 3_000_000 }),
  weights: fc.integer({ min: 1, max: 10_000_000 }),
});

describe('planTowers', () => {
  it('gives every sample to one part, in order, and no tower more than its share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 64 }),
        work,
        (samples, threads, cost) => {
          const towers = planTowers(samples, threads, cost);
          const parts = towers.flat();
          expect(parts[0]!.begin).toBe(0);
          expect(parts.at(-1)!.end).toBe(samples);
          for (const [i, { begin, end }] of parts.entries()) {
            expect(end).toBeGreaterThan(begin);
            if (i > 0) expect(begin).toBe(parts[i - 1]!.end);
          }
          expect(towers.length).toBeLessThanOrEqual(threads);
          if (towers.length > 1) {
            for (const tower of towers) {
              const count = tower.at(-1)!.end - tower[0]!.begin;
              expect(count).toBeLessThanOrEqual(Math.ceil(samples / threads));
            }
          }
        },
      ),
    );
  });

  it('leaves a batch whole for one thread, and where the gradients would cost more', () => {
    const cost = { activations: 27_000, weights: 694_000 };
    expect(planTowers(1024, 1, cost)).toEqual([[{ begin: 0, end: 1024 }]]);
    expect(planTowers(4, 2, cost)).toEqual([[{ begin: 0, end: 4 }]]);
  });

  it('gives the cores a tower each, in parts that fit into the cache', () => {
    const towers = planTowers(1024, 2, { activations: 27_000, weights: 694_000 });
    expect(towers).toHaveLength(2);
    for (const tower of towers) {
      expect(tower.length).toBeGreaterThan(1);
      for (const { begin, end } of tower) expect(end - begin).toBeLessThanOrEqual(64);
    }
  });
});
