import { describe, expect, it } from 'vitest';
import { flatten, invert } from './picture.js';

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

it('inverts', () => {
  expect([...invert(picture(2, 0, 255)).pixels]).toEqual([255, 0]);
});
