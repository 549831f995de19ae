import { z } from 'zod';
import { LockstepError } from '../errors.js';
import { imageSizeOf } from './batch.js';
import type { Dataset, DatasetDescription, Split } from './dataset.js';
import { describeDataset } from './describe.js';

/** The samples of a split as a program has them. */
export interface SplitArrays {
  /** `[size, height, width, channels]` flat: bytes, or floats from 0 to 1, which become bytes. */
  readonly images: Uint8Array | Float32Array;
  /** `[size]`: classes, whole numbers from 0 to 255. */
  readonly labels: ArrayLike<number>;
}

export interface DatasetArrays {
  /** For people; by default `arrays`. */
  readonly name?: string;
  /** Height, width, channels. */
  readonly imageShape: DatasetDescription['imageShape'];
  readonly train: SplitArrays;
  readonly test: SplitArrays;
}

const side = z.number().int().positive();
const splitSchema = z.object({
  images: z.union([z.instanceof(Uint8Array), z.instanceof(Float32Array)]),
  labels: z.custom((labels) => Array.isArray(labels) || ArrayBuffer.isView(labels)),
});
/** They may come from JavaScript, which no compiler has seen. */
const arraysSchema = z.object({
  name: z.string().min(1).optional(),
  imageShape: z.tuple([side, side, side]),
  train: splitSchema,
  test: splitSchema,
});

/**
 * A dataset from arrays in memory. Samples are kept as bytes, as everywhere: a float is rounded to the next of the 256
 * values that a pixel has.
 *
 * @throws DATA_CORRUPT where something is not there, there are no samples, lengths do not fit, a pixel is NaN or beyond 0 to 1, or a label is no
 *   class, naming the split and the sample
 */
export function datasetFromArrays(arrays: DatasetArrays): Dataset {
  const [issue] = arraysSchema.safeParse(arrays).error?.issues ?? [];
  if (issue !== undefined) {
    throw corrupt(
      `${issue.path.join('.')} of the dataset: ${issue.message}`,
      'Give imageShape (height, width, channels), and train and test with images and labels.',
    );
  }
  const { name = 'arrays', imageShape, ...splits } = arrays;
  const imageSize = imageSizeOf(imageShape);
  const split = (which: 'train' | 'test'): Split => {
    const { images, labels } = splits[which];
    const size = labels.length;
    if (size === 0 || images.length !== size * imageSize) {
      throw corrupt(
        `${which}: ${images.length} pixels for ${size} labels, and an image has ${imageSize}`,
        'Give at least one sample, and as many images as labels.',
      );
    }
    return { size, images: bytesOf(images, imageSize, which), labels: classesOf(labels, which) };
  };
  return describeDataset(name, imageShape, { train: split('train'), test: split('test') });
}

function bytesOf(images: Uint8Array | Float32Array, imageSize: number, which: string): Uint8Array {
  if (images instanceof Uint8Array) return images;
  // NaN is neither: what is not from 0 to 1 is asked for, not what is beyond.
  const wrong = images.findIndex((pixel) => !(pixel >= 0 && pixel <= 1));
  if (wrong >= 0) {
    throw corrupt(
      `${which}: sample ${Math.floor(wrong / imageSize)} has a pixel of ${images[wrong]}`,
      'Floats must be from 0 to 1: scale them, and fill in what is missing.',
    );
  }
  return Uint8Array.from(images, (pixel) => Math.round(pixel * 255));
}

function classesOf(labels: ArrayLike<number>, which: string): Uint8Array {
  const classes = Uint8Array.from(labels);
  const wrong = classes.findIndex((label, i) => label !== labels[i]);
  if (wrong < 0) return classes;
  throw corrupt(
    `${which}: sample ${wrong} has the label ${labels[wrong]}`,
    'Labels are classes: whole numbers from 0 to 255.',
  );
}

const corrupt = (message: string, hint: string): LockstepError =>
  new LockstepError('DATA_CORRUPT', message, { hint });
