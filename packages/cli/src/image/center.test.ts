import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { center } from './center.js';
import { side } from './picture.js';

/** Column and row of the centre of mass. */
function massCenter(pixels: Uint8Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  for (const [place, pixel] of pixels.entries()) {
    mass += pixel;
    x += pixel * (place % side);
    y += pixel * Math.floor(place / side);
  }
  return [x / mass, y / mass];
}

describe('center', () => {
  it('puts the centre of mass, not of the box, in the middle', () => {
    // An L of 3 x 3: its mass is at (0.6, 1.4).
    const pixels = Uint8Array.from([9, 0, 0, 9, 0, 0, 9, 9, 9]);
    const centered = center({ width: 3, height: 3, pixels });
    const ink = [...centered.entries()].flatMap(([place, pixel]) => (pixel ? place : []));
    expect(ink).toEqual([13 * 28 + 13, 14 * 28 + 13, 15 * 28 + 13, 15 * 28 + 14, 15 * 28 + 15]);
  });

  it('stops at the edge before anything is lost', () => {
    const pixels = new Uint8Array(20).fill(1);
    pixels[0] = 255;
    const centered = center({ width: 20, height: 1, pixels });
    expect([...centered.subarray(14 * side + 8, 15 * side)]).toEqual([...pixels]);
  });

  it('keeps every pixel, and is within half a pixel where there is room', () => {
    const digits = fc
      .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height, min: 1 }),
        }),
      );
    fc.assert(
      fc.property(digits, (digit) => {
        const centered = center(digit);
        expect([...centered].filter((pixel) => pixel > 0)).toEqual([...digit.pixels]);
        for (const middle of massCenter(centered)) {
          expect(Math.abs(middle - 14)).toBeLessThanOrEqual(0.5 + 1e-9);
        }
      }),
    );
  });
});
