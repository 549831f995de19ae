import { expect, it } from 'vitest';
import { isFinitePart } from './isFinitePart.js';

it('looks at the gradient, and at the loss where there is one', () => {
  const gradient = Float32Array.of(1);
  const sumsOf = (sum: number) => ({ loss: { sum, count: 2 } });
  expect(isFinitePart(gradient, {})).toBe(true);
  expect(isFinitePart(gradient, sumsOf(3))).toBe(true);
  expect(isFinitePart(gradient, sumsOf(Number.NaN))).toBe(false);
  expect(isFinitePart(Float32Array.of(Number.POSITIVE_INFINITY), sumsOf(3))).toBe(false);
});
