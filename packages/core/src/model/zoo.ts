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

/** Keras's truncated normal: draws beyond two deviations are drawn again. */
const narrow = {
  kernel_initializer: { class_name: 'TruncatedNormal', config: { mean: 0, stddev: 0.1 } },
  bias_initializer: { class_name: 'Constant', config: { value: 0.1 } },
};

const maxPool = (name: string) => ({
  class_name: 'MaxPooling2D',
  config: { name, pool_size: [2, 2], strides: [2, 2], padding: 'valid' },
});

const flatten = (name: string, config: LayerConfig = {}) => ({
  class_name: 'Flatten',
  config: { name, ...config },
});

const dense = (name: string, units: number, activation: string, config: LayerConfig = {}) => ({
  class_name: 'Dense',
  config: { name, units, activation, ...weights, ...config },
});

const dropout = (name: string, rate: number) => ({ class_name: 'Dropout', config: { name, rate } });

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
  /** 3,274,634 parameters; the only one with dropout. */
  deep: sequential('deep', [
    conv('conv2d', 32, 5, { padding: 'same', ...narrow, ...image }),
    maxPool('max_pooling2d'),
    conv('conv2d_1', 64, 5, { padding: 'same', ...narrow }),
    maxPool('max_pooling2d_1'),
    flatten('flatten'),
    dense('dense', 1024, 'relu', narrow),
    dropout('dropout', 0.5),
    dense('dense_1', 10, 'softmax', narrow),
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
