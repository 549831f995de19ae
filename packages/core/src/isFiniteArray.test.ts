import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFiniteArray } from './isFiniteArray.js';

it('finds one element that is no number, wherever it is', () => {
  const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const values = fc.float32Array({
    minLength: 1,
    maxLength: 40,
    noNaN: true,
    noDefaultInfinity: true,
  });
  fc.assert(
    fc.property(values, fc.nat(), bad, (array, at, value) => {
      expect(isFiniteArray(array)).toBe(true);
      array[at % array.length] = value;
      expect(isFiniteArray(array)).toBe(false);
    }),
  );
});

it('holds of nothing', () => expect(isFiniteArray(new Float32Array(0))).toBe(true));
