import type { OptimizerConfig } from '@lockstep/core';
import type { Topology } from '@lockstep/core/model';
import type { SavedModel, SavedWeight } from './savedModel.js';

const adam: OptimizerConfig = {
  name: 'adam',
  learningRate: 0.002,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  amsgrad: false,
};

/** Two layers with weights of their own, one of them frozen. */
export const topology: Topology = {
  class_name: 'Sequential',
  config: {
    name: 'small',
    trainable: true,
    layers: [
      {
        class_name: 'InputLayer',
        config: { name: 'image', batch_input_shape: [null, 4, 4, 1], dtype: 'float32' },
      },
      {
        class_name: 'Conv2D',
        config: {
          name: 'conv',
          filters: 2,
          kernel_size: [3, 3],
          activation: 'relu',
          trainable: false,
          kernel_initializer: { class_name: 'TruncatedNormal', config: { stddev: 0.1 } },
        },
      },
      { class_name: 'Flatten', config: { name: 'flatten' } },
      {
        class_name: 'Dense',
        config: { name: 'out', units: 3, activation: 'softmax', use_bias: true },
      },
    ],
  },
};

let next = 0;
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => next++ / 8);

function weight(layer: string, name: string, shape: number[], trainable: boolean): SavedWeight {
  const length = shape.reduce((product, side) => product * side, 1);
  const slots = trainable ? { momentum: numbers(length), velocity: numbers(length) } : {};
  return { layer, name, shape, trainable, values: numbers(length), slots };
}

/** A model with everything that a format may have to keep. */
export const example: SavedModel = {
  name: 'small',
  topology,
  loss: 'sparse_categorical_crossentropy',
  weights: [
    weight('conv', 'kernel', [3, 3, 1, 2], false),
    weight('conv', 'bias', [2], false),
    weight('out', 'kernel', [8, 3], true),
    weight('out', 'bias', [3], true),
  ],
  optimizer: { config: adam, iterations: 5 },
  notes: [],
};
