import { LockstepError, type Precision } from '@lockstep/core';
import type { Batch } from '@lockstep/core/data';
import { checkLabels } from '../loss/index.js';
import type { BuiltModel } from '../model/index.js';
import type { LoadOptions, ModelState } from './engine.js';

type Shape = readonly (number | null)[];

/** MODEL_MISMATCH where the model takes other images than the dataset has, or tells fewer classes apart. */
export function checkDataset(
  name: string,
  { inputShape, loss, units }: BuiltModel,
  { imageShape, classes }: LoadOptions,
): void {
  checkImageShape(name, inputShape, imageShape);
  if (classes !== undefined) checkLabels(Uint8Array.of(classes - 1), loss, units);
}

function checkImageShape(name: string, input: Shape, image: Shape): void {
  const fits = input.length === image.length && input.every((n, i) => n === null || n === image[i]);
  if (fits) return;
  const text = (shape: Shape) => `[${shape.map((n) => n ?? 'any').join(', ')}]`;
  throw new LockstepError(
    'MODEL_MISMATCH',
    `the model '${name}' takes inputs of the shape ${text(input)}, the images are ${text(image)}`,
    { hint: 'Choose a model made for this dataset, or change its batch_input_shape.' },
  );
}

/** ENGINE_UNAVAILABLE for anything but float32, which is all that TensorFlow.js's own backends have. */
export function checkPrecision(engine: string, precision: Precision = 'float32'): void {
  if (precision === 'float32') return;
  throw new LockstepError(
    'ENGINE_UNAVAILABLE',
    `the engine '${engine}' computes in float32 only, not in ${precision}`,
    { hint: 'Use --engine tensorflow, or --precision float32.' },
  );
}

/** INTERNAL where a batch's arrays are not as long as its size says. */
export function checkBatch(
  batch: Pick<Batch, 'size' | 'images'> & Partial<Batch>,
  imageShape: readonly number[],
): void {
  const imageSize = imageShape.reduce((product, size) => product * size, 1);
  checkLength('images', batch.images, batch.size * imageSize);
  if (batch.labels !== undefined) checkLength('labels', batch.labels, batch.size);
}

/** INTERNAL where an array has another length than it must have. */
export function checkLength(name: string, array: ArrayLike<number>, expected: number): void {
  if (array.length === expected) return;
  throw new LockstepError(
    'INTERNAL',
    `${name}: ${array.length} elements where ${expected} are needed`,
  );
}

/** INTERNAL where an update of all weights is asked of a model that updates its own part alone. */
export function checkWhole(isWhole: boolean): void {
  if (isWhole) return;
  throw new LockstepError(
    'INTERNAL',
    'the optimizer is sharded: it updates its own part, by applyShard',
  );
}

/** INTERNAL where an update of the own part is asked of a model that updates all weights. */
export function checkSharded(isSharded: boolean): void {
  if (isSharded) return;
  throw new LockstepError(
    'INTERNAL',
    'the optimizer is not sharded: there is no own part to update',
  );
}

/** The lengths of a state's arrays. */
export interface StateLengths {
  readonly weights: { readonly length: number };
  readonly optimizer: { readonly slots: Readonly<Record<string, { readonly length: number }>> };
}

/** CHECKPOINT_MISMATCH where a state is not of the same model and optimizer as the present one. */
export function checkState(state: ModelState, present: StateLengths): void {
  const compare = (what: string, found: string | number, expected: string | number) => {
    if (found === expected) return;
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `the state has ${what} ${found || 'none'}, the model ${expected || 'none'}`,
      { hint: 'Resume with the model and the optimizer that the checkpoint was written with.' },
    );
  };
  const names = (of: StateLengths) => Object.keys(of.optimizer.slots).sort().join(', ');
  compare('this number of weights:', state.weights.length, present.weights.length);
  compare('the optimizer slots', names(state), names(present));
  for (const [name, slot] of Object.entries(state.optimizer.slots)) {
    const expected = present.optimizer.slots[name]!.length;
    compare(`this number of elements in slot '${name}':`, slot.length, expected);
  }
}
