import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFinitePart } from './isFinitePart.js';

const loss = { sum: 1, count: 1 };

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
      expect(isFinitePart(array, { loss })).toBe(true);
      array[at % array.length] = value;
      expect(isFinitePart(array, { loss })).toBe(false);
    }),
  );
});

it('looks at the loss, too, where there is one', () => {
  const gradient = Float32Array.of(1);
  expect(isFinitePart(gradient, {})).toBe(true);
  expect(isFinitePart(gradient, { loss: { sum: Number.NaN, count: 2 } })).toBe(false);
});
