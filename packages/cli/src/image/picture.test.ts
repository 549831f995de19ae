import { describe, expect, it } from 'vitest';
import { flatten, groundOf, hasLightGround, invert, stretchContrast } from './picture.js';

const picture = (width: number, ...pixels: number[]) => ({
  width,
  height: pixels.length / width,
  pixels: Uint8Array.from(pixels),
});

describe('flatten', () => {
  it('puts a dark drawing on white and a bright one on black', () => {
    const opacity = Uint8Array.from([255, 0]);
    expect([...flatten(picture(2, 20, 0), opacity).pixels]).toEqual([20, 255]);
    expect([...flatten(picture(2, 200, 0), opacity).pixels]).toEqual([200, 0]);
  });

  it('mixes where it is half transparent', () => {
    expect([...flatten(picture(1, 0), Uint8Array.from([51])).pixels]).toEqual([204]);
  });
});

describe('the ground', () => {
  // A stroke of 200 from the middle of the upper edge to the centre.
  const stroke = picture(3, 10, 200, 10, 10, 200, 10, 10, 10, 10);

  it('is what most of the border has', () => {
    expect(groundOf(stroke)).toBe(10);
  });

  it('is light when it is among the lighter greys, even on dull paper', () => {
    expect(hasLightGround(stroke)).toBe(false);
    expect(hasLightGround(invert(stroke))).toBe(true);
    expect(hasLightGround(picture(3, 120, 120, 120, 120, 30, 120, 120, 120, 130))).toBe(true);
  });
});

it('inverts', () => {
  expect([...invert(picture(2, 0, 255)).pixels]).toEqual([255, 0]);
});

describe('stretchContrast', () => {
  it('is 2x - 0.5 between ground and brightest pixel, clipped', () => {
    const given = picture(3, 40, 40, 40, 40, 140, 90, 40, 65, 40);
    // 90 is half way: 0.5; 65 is a quarter: 0.
    expect([...stretchContrast(given).pixels]).toEqual([0, 0, 0, 0, 255, 128, 0, 0, 0]);
  });

  it('makes a picture of one grey black', () => {
    expect([...stretchContrast(picture(2, 77, 77, 77, 77)).pixels]).toEqual([0, 0, 0, 0]);
  });
});
