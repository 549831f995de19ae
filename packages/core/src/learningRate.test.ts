import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt, unscaled } from './learningRate.js';

describe('learningRateAt', () => {
  it('rises by the same amount each step, from the base rate to that of all workers', () => {
    const scaling = { factor: 4, warmUpSteps: 3 };
    const rates = [0, 1, 2, 3, 4, 1000].map((step) => learningRateAt(0.5, scaling, step));
    expect(rates).toEqual([0.5, 1, 1.5, 2, 2, 2]);
  });

  it('is that of all workers at once without a warm-up', () => {
    expect(learningRateAt(0.1, { factor: 2, warmUpSteps: 0 }, 0)).toBe(0.2);
  });

  it('is the base rate to the bit where nothing is scaled, also while it would warm up', () => {
    const rate = fc.double({ min: 0, max: 10, noNaN: true });
    fc.assert(
      fc.property(rate, fc.nat(), fc.nat(100), (base, step, warmUpSteps) => {
        expect(learningRateAt(base, unscaled, step)).toBe(base);
        expect(learningRateAt(base, { factor: 1, warmUpSteps }, step)).toBe(base);
      }),
    );
  });

  it('never falls within the warm-up, and stays between the two rates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(60),
        (factor, warmUpSteps, step) => {
          const at = (when: number) => learningRateAt(0.25, { factor, warmUpSteps }, when);
          expect(at(step + 1)).toBeGreaterThanOrEqual(at(step));
          expect(at(step)).toBeGreaterThanOrEqual(0.25);
          expect(at(step)).toBeLessThanOrEqual(0.25 * factor);
        },
      ),
    );
  });
});
