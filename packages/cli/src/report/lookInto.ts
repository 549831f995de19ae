import { LockstepError } from '@lockstep/core';
import { type Dataset, imageSizeOf, type SplitName } from '@lockstep/core/data';
import {
  classNamesOf,
  imagePicture,
  layerOutputPicture,
  type Picture,
  probabilitiesPicture,
} from '@lockstep/report';
import type { InspectedModel } from '@lockstep/worker';

export interface WhichImage {
  readonly split: SplitName;
  /** From 0. */
  readonly index: number;
}

/**
 * One image on its way through a model: itself, what each layer makes of it, and how sure the model is at the end.
 *
 * @throws USAGE where there is no such image
 */
export async function imagePictures(
  { description, outputs }: InspectedModel,
  dataset: Dataset,
  { split, index }: WhichImage,
): Promise<Picture[]> {
  const { images, labels, size } = split === 'train' ? dataset.train : dataset.test;
  if (index >= size) {
    throw new LockstepError('USAGE', `there is no image ${index} among ${size} (${split})`, {
      hint: `Give --image from 0 to ${size - 1}, or another --split.`,
    });
  }
  const imageSize = imageSizeOf(dataset.description.imageShape);
  const given = outputs(images.subarray(index * imageSize, (index + 1) * imageSize));
  const pictures = [await imagePicture(dataset, split, index)];
  for (const [place, output] of given.entries()) {
    pictures.push(await layerOutputPicture(description.layers[place]!, output));
  }
  const last = given.at(-1);
  if (last === undefined || last.shape.length !== 1) return pictures;
  const names = classNamesOf(dataset.description.name, last.values.length);
  return [...pictures, probabilitiesPicture(last.values, names, labels[index]!)];
}
