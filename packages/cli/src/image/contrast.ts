import type { Picture } from './picture.js';

/** Less than this, of 255, between ground and brightest pixel is grain of the paper, not a digit. */
const leastContrast = 16;
/** The part of the pixels that may be specks: dust, or salt and pepper of a camera. */
const strayPart = 1 / 2000;

/** The grey of the ground: the median of the border's pixels, so that a stroke up to the edge is no harm. */
export function groundOf({ width, height, pixels }: Picture): number {
  const border: number[] = [];
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1);
    for (let x = 0; x < width; x += step) border.push(pixels[y * width + x]!);
  }
  border.sort((left, right) => left - right);
  return border[Math.floor(border.length / 2)]!;
}

/** The darkest and the brightest grey, but for one pixel in 2000 at either end. */
export function extremesOf({ pixels }: Picture): { darkest: number; brightest: number } {
  const counts = new Uint32Array(256);
  for (const pixel of pixels) counts[pixel]!++;
  const stray = Math.floor(pixels.length * strayPart);
  let [darkest, below] = [0, counts[0]!];
  while (below <= stray) below += counts[++darkest]!;
  let [brightest, above] = [255, counts[255]!];
  while (above <= stray) above += counts[--brightest]!;
  return { darkest, brightest };
}

/** Whether the ground is in the lighter half of the greys that occur: a dark digit on a light ground. */
export function hasLightGround(picture: Picture): boolean {
  const { darkest, brightest } = extremesOf(picture);
  return groundOf(picture) > (darkest + brightest) / 2;
}

/**
 * Of a bright digit on a dark ground: the ground becomes 0 and the brightest grey 255, then x <- 2x - 0.5
 * of full scale, clipped, which clears what is left of the paper. Black all over where nothing stands out.
 */
export function stretchContrast(picture: Picture): Picture {
  const ground = groundOf(picture);
  const contrast = extremesOf(picture).brightest - ground;
  const isBlank = contrast < leastContrast;
  const pixels = picture.pixels.map((pixel) => {
    const stretched = isBlank ? 0 : (2 * (pixel - ground)) / contrast - 0.5;
    return Math.round(255 * Math.min(1, Math.max(0, stretched)));
  });
  return { ...picture, pixels };
}

/** Makes the brightest pixel 255, and the others in proportion: a thin line grows pale when it is scaled down. */
export function fillScale(picture: Picture): Picture {
  const brightest = picture.pixels.reduce((most, pixel) => Math.max(most, pixel), 1);
  const pixels = picture.pixels.map((pixel) => Math.round((255 * pixel) / brightest));
  return { ...picture, pixels };
}
