import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);

describe('Random', () => {
  it('draws what the reference in C draws from the state 1, 2, 3, 4', () => {
    const random = new Random([1, 2, 3, 4]);
    expect(draws(10, () => random.uint32())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  // Computed by an implementation in Python, written apart from this one.
  it('draws the same for ever', () => {
    const fresh = () => Random.from('golden', 1);
    const [a, b, c, d] = [fresh(), fresh(), fresh(), fresh()];
    expect(draws(3, () => a.uint32())).toEqual([2556615954, 3961547308, 1362457576]);
    expect(draws(3, () => b.float())).toEqual([
      0.5952585408268094, 0.31722187865552876, 0.09837475725656286,
    ]);
    expect(draws(8, () => c.below(10))).toEqual([4, 8, 6, 5, 0, 7, 0, 4]);
    // A bound of 3 * 2^30 throws away a quarter of the draws.
    expect(draws(8, () => d.below(3 * 2 ** 30))).toEqual([
      2556615954, 740321836, 1362457576, 322280463, 1767496667, 2193591720, 1933484474, 971222594,
    ]);
  });

  it('stays below the bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (bound, seed) => {
        const value = Random.from(seed).below(bound);
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
      }),
    );
  });

  it('draws evenly: chi squared over 12 values stays below its 1 in 10,000 quantile', () => {
    const random = Random.from('evenly');
    const counts = new Array<number>(12).fill(0);
    for (let draw = 0; draw < 120_000; draw += 1) counts[random.below(12)]! += 1;
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(37.4);
  });

  it('gives floats in [0, 1) around one half', () => {
    const random = Random.from('floats');
    const values = draws(10_000, () => random.float());
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1])('refuses the bound %d', (bound) => {
    expect(() => Random.from(1).below(bound)).toThrow('no integer can be drawn');
  });

  it('refuses a state of zeros', () => {
    expect(() => new Random([0, 0, 0, 0])).toThrow('only ever draw zeros');
  });
});
