import { type Picture, side } from './picture.js';

/**
 * Puts a picture of a digit into a black 28 x 28 one, with its centre of mass on pixel (14, 14): there the
 * centres of MNIST's own images are, within half a pixel. It is moved by whole pixels, and never so far that
 * a part of it would be lost.
 *
 * @param digit at most 28 x 28
 * @returns `[28, 28]`, uint8
 */
export function center({ width, height, pixels }: Picture): Uint8Array {
  let [mass, momentX, momentY] = [0, 0, 0];
  pixels.forEach((pixel, place) => {
    mass += pixel;
    momentX += pixel * (place % width);
    momentY += pixel * Math.floor(place / width);
  });
  const left = offset(momentX / mass, width);
  const top = offset(momentY / mass, height);
  const centered = new Uint8Array(side * side);
  pixels.forEach((pixel, place) => {
    const x = left + (place % width);
    const y = top + Math.floor(place / width);
    centered[y * side + x] = pixel;
  });
  return centered;
}

function offset(center: number, length: number): number {
  // Half way between two pixels the lower one: what is symmetric then is in the very middle.
  const nearest = Math.ceil(side / 2 - center - 0.5);
  return Math.min(side - length, Math.max(0, nearest));
}
