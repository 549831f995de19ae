import { LockstepError, optimizerConfigSchema } from '@lockstep/core';
import { type Batch, Random } from '@lockstep/core/data';
import { meansOf } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import { expect } from 'vitest';
import type { LoadedModel, LoadOptions, Moment } from './engine.js';

export const classes = 3;
const layer = (class_name: string, config: Record<string, unknown>) => ({ class_name, config });

/** Small enough for numeric differentiation, smooth (no relu), with every kind of layer of the zoo. */
export const small: ModelSpec = {
  name: 'small',
  loss: 'sparse_categorical_crossentropy',
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'small',
      layers: [
        layer('Conv2D', {
          name: 'conv',
          filters: 2,
          kernel_size: [3, 3],
          activation: 'tanh',
          batch_input_shape: [null, 8, 8, 1],
        }),
        layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2] }),
        layer('Flatten', { name: 'flatten' }),
        layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' }),
        layer('Dense', { name: 'out', units: classes, activation: 'softmax' }),
      ],
    },
  },
};

/** The same with every kind of dropout: of 5 elements, of whole channels, and after selu. */
export const noisy: ModelSpec = structuredClone({ ...small, name: 'noisy' });
(noisy.topology.config.layers as (typeof small.topology)[]).splice(
  1,
  4,
  layer('Reshape', { name: 'rows', target_shape: [12, 6] }),
  layer('SpatialDropout1D', { name: 'dropout_1', rate: 0.25 }),
  layer('Flatten', { name: 'flatten' }),
  layer('AlphaDropout', { name: 'dropout_2', rate: 0.1 }),
  layer('Dense', { name: 'hidden', units: 5, activation: 'tanh' }),
  layer('Dropout', { name: 'dropout_3', rate: 0.4 }),
  layer('Dense', { name: 'out', units: classes, activation: 'softmax' }),
);

export const options: LoadOptions = {
  seed: 1,
  optimizer: optimizerConfigSchema.parse({ name: 'adam', learningRate: 0.01 }),
  imageShape: [8, 8, 1],
};

/** Images whose class shows: a bright row, at a height that depends on the class, in noise. */
export function syntheticBatch(size: number, seed: number, side = 8, labelCount = classes): Batch {
  const random = Random.from('synthetic', seed);
  const labels = Uint8Array.from({ length: size }, () => random.below(labelCount));
  const images = Uint8Array.from({ length: size * side * side }, (_, pixel) => {
    const row = Math.floor(pixel / side) % side;
    const bright = row === 2 * labels[Math.floor(pixel / (side * side))]! + 1;
    return random.below(100) + (bright ? 150 : 0);
  });
  return { size, images, labels };
}

export function partOf({ images, labels }: Batch, begin: number, end: number): Batch {
  const imageSize = images.length / labels.length;
  return {
    size: end - begin,
    images: images.slice(begin * imageSize, end * imageSize),
    labels: labels.slice(begin, end),
  };
}

/** The first step; models without dropout do not ask. */
export const start: Moment = { step: 0, position: 0 };

export const empty: Batch = { size: 0, images: new Uint8Array(0), labels: new Uint8Array(0) };

/** @param batches one for each step */
export async function train(
  model: LoadedModel,
  steps: number,
  firstStep = 0,
  batches = (step: number): Batch => syntheticBatch(16, step),
): Promise<void> {
  for (let step = 0; step < steps; step++) {
    const { gradient } = await model.gradients(batches(firstStep + step), start);
    await model.apply(gradient, 0.02);
  }
}

/** Mean loss over the batch. */
export async function lossOf(model: LoadedModel, batch: Batch): Promise<number> {
  return meansOf(await model.evaluate(batch)).loss!;
}

/** The largest difference, relative to the largest expected element. */
export function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

export async function refusal(work: Promise<unknown>): Promise<LockstepError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof LockstepError) return thrown;
  throw new Error(`not refused with a LockstepError: ${thrown}`);
}
