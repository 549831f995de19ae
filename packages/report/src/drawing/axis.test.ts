import { describe, expect, it } from 'vitest';
import { type Axis, placeOn, powersWithin } from './axis.js';

const axis: Axis = {
  label: 'ranks',
  range: [1, 1024],
  isLogarithmic: true,
  ticks: [],
  format: String,
};

describe('an axis', () => {
  it('has powers evenly apart where it is logarithmic', () => {
    expect(placeOn(axis, 1)).toBe(0);
    expect(placeOn(axis, 32)).toBeCloseTo(0.5, 9);
    expect(placeOn(axis, 1024)).toBe(1);
    expect(placeOn(axis, 4096)).toBeGreaterThan(1);
    expect(placeOn({ ...axis, range: [0, 10], isLogarithmic: false }, 2.5)).toBe(0.25);
  });

  it('has no place for what is none', () => {
    expect(() => placeOn(axis, 0)).toThrow(/'ranks'/);
    expect(() => placeOn(axis, Number.NaN)).toThrow(/'ranks'/);
  });

  it('knows the powers of a range, both ends included', () => {
    expect(powersWithin(2, [1, 8])).toEqual([1, 2, 4, 8]);
    expect(powersWithin(10, [0.05, 1000])).toEqual([0.1, 1, 10, 100, 1000]);
    expect(powersWithin(4, [2, 3])).toEqual([]);
  });
});
