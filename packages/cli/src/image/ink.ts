import type { Picture } from './picture.js';
import { strokesOf } from './strokes.js';

/** With fewer pixels than this part of the largest stroke's it is a speck; the bar of a 5 has more. */
const leastPart = 1 / 20;
/** When even the largest stroke is shorter than this part of the picture's longer side, it is dust. */
const leastLength = 1 / 50;

/**
 * Cuts the ink out of a picture: all that is not black, but for specks.
 *
 * @returns the smallest picture with all the ink in it; null when there is none
 */
export function cropToInk(picture: Picture): Picture | null {
  const strokes = strokesOf(picture);
  const largest = strokes.reduce((one, other) => (other.length > one.length ? other : one), none);
  const extent = boxOf([largest], picture.width);
  const longerSide = Math.max(picture.width, picture.height);
  if (Math.max(extent.width, extent.height) < longerSide * leastLength) return null;
  const kept = strokes.filter((stroke) => stroke.length >= largest.length * leastPart);
  const { left, top, width, height } = boxOf(kept, picture.width);
  const pixels = new Uint8Array(width * height);
  for (const stroke of kept) {
    for (const place of stroke) {
      const x = (place % picture.width) - left;
      const y = Math.floor(place / picture.width) - top;
      pixels[y * width + x] = picture.pixels[place]!;
    }
  }
  return { width, height, pixels };
}

const none = new Int32Array(0);

/** The smallest box around strokes of a picture that is so wide; width and height are 0 around nothing. */
function boxOf(strokes: readonly Int32Array[], pictureWidth: number) {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const stroke of strokes) {
    for (const place of stroke) {
      const x = place % pictureWidth;
      const y = Math.floor(place / pictureWidth);
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
}
