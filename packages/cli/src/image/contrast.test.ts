import { describe, expect, it } from 'vitest';
import { extremesOf, fillScale, groundOf, hasLightGround, stretchContrast } from './contrast.js';
import { invert } from './picture.js';

const picture = (width: number, ...pixels: number[]) => ({
  width,
  height: pixels.length / width,
  pixels: Uint8Array.from(pixels),
});

describe('the ground', () => {
  // A stroke of 200 from the middle of the upper edge to the centre.
  const stroke = picture(3, 10, 200, 10, 10, 200, 10, 10, 10, 10);

  it('is what most of the border has', () => {
    expect(groundOf(stroke)).toBe(10);
    expect(groundOf(picture(3, 5, 5, 5, 5, 90, 70, 70, 70, 70))).toBe(70);
  });

  it('is that of a single column, too', () => {
    expect(groundOf(picture(1, 10, 20, 30))).toBe(20);
  });

  it('is light when it is among the lighter greys, even on dull paper', () => {
    expect(hasLightGround(stroke)).toBe(false);
    expect(hasLightGround(invert(stroke))).toBe(true);
    expect(hasLightGround(picture(3, 120, 120, 120, 120, 30, 120, 120, 120, 130))).toBe(true);
  });
});

describe('extremesOf', () => {
  it('takes every pixel of a small picture', () => {
    expect(extremesOf(picture(2, 7, 9, 8, 250))).toEqual({ darkest: 7, brightest: 250 });
    expect(extremesOf(picture(1, 0, 255))).toEqual({ darkest: 0, brightest: 255 });
  });

  it('lets one pixel in 2000 stray at either end', () => {
    const pixels = new Uint8Array(4000).fill(100).fill(200, 0, 3).fill(50, 3, 6);
    expect(extremesOf(picture(40, ...pixels))).toEqual({ darkest: 50, brightest: 200 });
    pixels[0] = 255;
    pixels[1] = 0;
    pixels[2] = 255;
    expect(extremesOf(picture(40, ...pixels))).toEqual({ darkest: 50, brightest: 100 });
  });
});

describe('stretchContrast', () => {
  it('is 2x - 0.5 between ground and brightest pixel, clipped', () => {
    const given = picture(3, 40, 40, 40, 40, 140, 90, 40, 65, 40);
    // 90 is half way: 0.5; 65 is a quarter: 0.
    expect([...stretchContrast(given).pixels]).toEqual([0, 0, 0, 0, 255, 128, 0, 0, 0]);
  });

  it('makes a picture of one grey black, or of nearly one', () => {
    expect([...stretchContrast(picture(2, 77, 77, 77, 77)).pixels]).toEqual([0, 0, 0, 0]);
    const ground = Array<number>(8).fill(77);
    expect(stretchContrast(picture(3, ...ground, 92)).pixels.at(-1)).toBe(0);
    expect(stretchContrast(picture(3, ...ground, 93)).pixels.at(-1)).toBe(255);
  });
});

it('fillScale brings the brightest pixel to 255', () => {
  expect([...fillScale(picture(3, 0, 25, 50)).pixels]).toEqual([0, 128, 255]);
  expect([...fillScale(picture(2, 0, 0)).pixels]).toEqual([0, 0]);
});
