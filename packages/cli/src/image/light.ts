import { fitInto, stretchTo } from './decode.js';
import type { Picture } from './picture.js';

/** Pixels of the longer side in which the light is looked for: it changes slowly from place to place. */
const coarse = 48;
/** How far around a place one looks for bare paper; a pen's stroke is narrower than twice as much. */
const reach = 8;

/**
 * Makes the paper of a dark drawing equally light everywhere: each pixel is divided by the light of the paper below
 * it. That is found by a closing: the brightest grey around each place, which no stroke hides, and then the darkest
 * of those around it, which takes back what the first step had brought nearer. Serra 1982, "Image Analysis and
 * Mathematical Morphology".
 *
 * A small picture is no photograph, and stays as it is.
 */
export async function evenLight(picture: Picture): Promise<Picture> {
  const { width, height, pixels } = picture;
  if (Math.max(width, height) <= coarse) return picture;
  const small = await fitInto(coarse, picture, 'linear');
  const closed = extreme(extreme(small, Math.max), Math.min);
  const light = await stretchTo({ width, height }, closed, 'linear');
  return {
    ...picture,
    pixels: pixels.map((pixel, place) =>
      Math.min(255, Math.round((255 * pixel) / Math.max(1, light.pixels[place]!))),
    ),
  };
}

/** Of all greys in a square around each place, the brightest or the darkest: along rows, then along columns. */
function extreme(picture: Picture, choose: (one: number, other: number) => number): Picture {
  const { width, height } = picture;
  const along = (pixels: Uint8Array, length: number, step: number, stride: number): Uint8Array =>
    pixels.map((_pixel, place) => {
      const at = Math.floor(place / step) % length;
      const line = place - at * stride;
      let found = pixels[place]!;
      for (let near = Math.max(0, at - reach); near <= Math.min(length - 1, at + reach); near++) {
        found = choose(found, pixels[line + near * stride]!);
      }
      return found;
    });
  const rows = along(picture.pixels, width, 1, 1);
  return { ...picture, pixels: along(rows, height, width, width) };
}
