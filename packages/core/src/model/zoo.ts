import type { ModelSpec } from './topology.js';

type LayerConfig = Record<string, unknown>;

const glorot = { class_name: 'GlorotUniform', config: {} };
const zeros = { class_name: 'Zeros', config: {} };
const weights = { use_bias: true, kernel_initializer: glorot, bias_initializer: zeros };

const conv = (name: string, filters: number, size: number, config: LayerConfig = {}) => ({
  class_name: 'Conv2D',
  config: {
    name,
    filters,
    kernel_size: [size, size],
    strides: [1, 1],
    padding: 'valid',
    activation: 'relu',
    ...weights,
    ...config,
  },
});

const maxPool = (name: string) => ({
  class_name: 'MaxPooling2D',
  config: { name, pool_size: [2, 2], strides: [2, 2], padding: 'valid' },
});

const flatten = (name: string, config: LayerConfig = {}) => ({
  class_name: 'Flatten',
  config: { name, ...config },
});

const dense = (name: string, units: number, activation: string) => ({
  class_name: 'Dense',
  config: { name, units, activation, ...weights },
});

const sequential = (name: string, layers: unknown[]): ModelSpec => ({
  name,
  topology: { class_name: 'Sequential', config: { name, layers } },
  loss: 'sparse_categorical_crossentropy',
});

const image = { batch_input_shape: [null, 28, 28, 1], dtype: 'float32' };

/** The networks of the house, as data: nothing here loads a tensor library. */
export const zoo: Readonly<Record<string, ModelSpec>> = {
  /** 693,962 parameters. */
  cnn: sequential('cnn', [
    conv('conv2d', 32, 3, image),
    maxPool('max_pooling2d'),
    flatten('flatten'),
    dense('dense', 128, 'relu'),
    dense('dense_1', 10, 'softmax'),
  ]),
  /** 101,770 parameters. */
  mlp: sequential('mlp', [
    flatten('flatten', image),
    dense('dense', 128, 'relu'),
    dense('dense_1', 10, 'softmax'),
  ]),
  /** 51,840 parameters. */
  tiny: sequential('tiny', [
    conv('conv2d', 3, 3, image),
    maxPool('max_pooling2d'),
    flatten('flatten'),
    dense('dense', 100, 'relu'),
    dense('dense_1', 10, 'softmax'),
  ]),
};
