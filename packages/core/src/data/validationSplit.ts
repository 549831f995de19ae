import { LockstepError } from '../errors.js';
import { imageSizeOf } from './batch.js';
import type { Dataset, Range, Split } from './dataset.js';

/**
 * How many samples a fraction of the training samples is, as Keras counts: `floor(size * (1 - fraction))` are left
 * to train with. https://keras.io/api/models/model_training_apis/#fit-method
 *
 * @throws USAGE where nothing would be left on one side
 */
export function validationSizeOf(size: number, fraction: number): number {
  const left = Math.floor(size * (1 - fraction));
  if (left > 0 && left < size) return size - left;
  throw new LockstepError(
    'USAGE',
    `a validation split of ${fraction} leaves ${left} of ${size} samples to train with`,
    { hint: 'Give a fraction that leaves samples on both sides, such as 0.2.' },
  );
}

/**
 * The dataset with the last `size` training samples, before any shuffling, as its validation split. One that is split
 * so already is left as it is.
 */
export function withValidation(dataset: Dataset, size: number): Dataset {
  const { description, train } = dataset;
  if (description.validationSize === size) return dataset;
  if (description.validationSize > 0) {
    throw new LockstepError(
      'INTERNAL',
      `a dataset with ${description.validationSize} validation samples is to have ${size}`,
    );
  }
  const imageSize = imageSizeOf(description.imageShape);
  const begin = train.size - size;
  return {
    ...dataset,
    description: { ...description, trainSize: begin, validationSize: size },
    train: part(train, imageSize, { begin: 0, end: begin }),
    validation: part(train, imageSize, { begin, end: train.size }),
  };
}

/** Views, no copies: MNIST's images are 47 MB. */
function part(split: Split, imageSize: number, { begin, end }: Range): Split {
  return {
    size: end - begin,
    images: split.images.subarray(begin * imageSize, end * imageSize),
    labels: split.labels.subarray(begin, end),
  };
}
