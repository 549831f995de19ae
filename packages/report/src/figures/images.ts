import type { Dataset, SplitName } from '@lockstep/core/data';
import { grey, type Scale } from '../drawing/colorMap.js';
import { drawGrid } from '../drawing/grid.js';
import type { Plane } from '../drawing/pixels.js';
import { classNamesOf } from './classNames.js';
import type { Picture } from './picture.js';

export type ImageShape = readonly [height: number, width: number, channels: number];

/** Images as they lie in a dataset: bytes, of which 0 is black. */
export const imageScale: Scale = { map: grey, least: 0, greatest: 255 };

/** The image in a row of images; of several channels their mean. */
export function planeOf(
  images: Uint8Array,
  [height, width, channels]: ImageShape,
  index: number,
): Plane {
  const size = height * width * channels;
  const image = images.subarray(index * size, (index + 1) * size);
  if (channels === 1) return { width, height, values: image };
  const values = Uint8Array.from({ length: height * width }, (_none, place) => {
    const parts = image.subarray(place * channels, (place + 1) * channels);
    return Math.round(parts.reduce((sum, part) => sum + part, 0) / channels);
  });
  return { width, height, values };
}

/** Squares of so many pixels, so that an image is some 60 pixels wide, or one that is larger as it is. */
export const zoomOf = ([, width]: ImageShape, wanted = 60): number =>
  Math.max(1, Math.round(wanted / width));

/** One image of a dataset, large, with a colour bar for its bytes. */
export async function imagePicture(
  { train, test, description }: Dataset,
  split: SplitName,
  index: number,
): Promise<Picture> {
  const { name, imageShape, classes } = description;
  const { images, labels } = split === 'train' ? train : test;
  const label = classNamesOf(name, classes)[labels[index]!]!;
  const plane = planeOf(images, imageShape, index);
  return {
    name: 'image',
    caption: `Image ${index} of the ${split} split of ${name}; its label is ${label}.`,
    drawing: await drawGrid({
      title: `Image ${index}: ${label}`,
      tiles: [{ plane, labels: [] }],
      scale: imageScale,
      zoom: zoomOf(imageShape, 240),
      columns: 1,
      bar: 'grey',
    }),
  };
}
