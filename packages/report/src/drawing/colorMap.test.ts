import fc from 'fast-check';
import { expect, it } from 'vitest';
import { colorAt, diverging, scaleFor, viridis } from './colorMap.js';

const brightness = (map: Uint8Array, step: number): number =>
  0.2126 * map[3 * step]! + 0.7152 * map[3 * step + 1]! + 0.0722 * map[3 * step + 2]!;

it('viridis only becomes brighter: it can be read without its hues', () => {
  for (let step = 8; step < 256; step += 8) {
    expect(brightness(viridis, step)).toBeGreaterThan(brightness(viridis, step - 8));
  }
});

it('diverging is orange above, purple below, and pale between', () => {
  const [red, , blue] = diverging.subarray(3 * 200);
  expect(red).toBeGreaterThan(blue!);
  const [redBelow, , blueBelow] = diverging.subarray(3 * 55);
  expect(blueBelow).toBeGreaterThan(redBelow!);
  expect(brightness(diverging, 127)).toBeGreaterThan(220);
});

it('has a colour for each value, and its ends for what lies beyond', () => {
  const scale = scaleFor([-3, 5, Number.NaN]);
  expect(scale).toMatchObject({ least: -3, greatest: 5 });
  expect(colorAt(scale, -100)).toBe(0);
  expect(colorAt(scale, 100)).toBe(3 * 255);
  expect(scaleFor([-3, 5], { isSigned: true })).toMatchObject({ least: -5, greatest: 5 });
  expect(colorAt(scaleFor([7, 7]), 7)).toBe(0);
  expect(scaleFor([])).toMatchObject({ least: 0, greatest: 0 });
});

it('keeps the order of values', () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(value, value, (one, other) => {
      const scale = scaleFor([-10, 10]);
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(colorAt(scale, low)).toBeLessThanOrEqual(colorAt(scale, high));
    }),
  );
});
