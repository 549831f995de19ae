import { expect, it } from 'vitest';
import { evenLight } from './light.js';
import type { Picture } from './picture.js';

const [width, height] = [300, 200];

/** A paper whose light falls from left to right, with a dark stroke in it. */
function lamp(from: number, to: number): Picture {
  const pixels = Uint8Array.from({ length: width * height }, (_none, place) => {
    const [x, y] = [place % width, Math.floor(place / width)];
    const light = from + ((to - from) * x) / width;
    const isInk = x >= 140 && x < 160 && y >= 40 && y < 160;
    return Math.round(isInk ? light / 5 : light);
  });
  return { width, height, pixels };
}

it('makes the paper equally light, and leaves the ink as dark beside it', async () => {
  const { pixels } = await evenLight(lamp(240, 110));
  const at = (x: number, y: number): number => pixels[y * width + x]!;
  for (const x of [5, 60, 120, 180, 240]) expect(at(x, 100)).toBeGreaterThan(235);
  // At the dark edge there is nothing beyond to compare with; the paper had 111 there.
  expect(at(295, 100)).toBeGreaterThan(210);
  for (const y of [50, 100, 150]) {
    expect(at(150, y)).toBeGreaterThan(40);
    expect(at(150, y)).toBeLessThan(62);
  }
});

it('changes nothing but the scale where the light is even', async () => {
  const { pixels } = await evenLight(lamp(200, 200));
  expect(new Set(pixels)).toEqual(new Set([255, 51]));
});

it('leaves a small picture as it is', async () => {
  const small: Picture = {
    ...{ width: 28, height: 28 },
    pixels: Uint8Array.from({ length: 784 }, (_none, place) => place % 256),
  };
  expect(await evenLight(small)).toBe(small);
});
