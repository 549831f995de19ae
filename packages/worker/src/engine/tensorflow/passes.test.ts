import type { ModelSpec } from '@lockstep/core/model';
import { beforeAll, expect, it } from 'vitest';
import { buildModel } from '../../model/index.js';
import { createCpuEngine } from '../cpu/cpu.js';
import { workOf } from './passes.js';

const layer = (class_name: string, name: string, inputs: unknown[], config: object = {}) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: inputs.map((input) => [input]),
});
const from = (name: string, use = 0) => [name, use, 0, {}];

/** A convolution that is used twice, for images of two sizes: it has no output shape of its own. */
const shared: ModelSpec = {
  name: 'shared',
  loss: 'sparse_categorical_crossentropy',
  topology: {
    class_name: 'Model',
    config: {
      name: 'shared',
      layers: [
        layer('InputLayer', 'images', [], { batch_input_shape: [null, 8, 8, 1] }),
        layer('MaxPooling2D', 'smaller', [from('images')], { pool_size: [2, 2] }),
        layer('Conv2D', 'convolution', [from('images'), from('smaller')], {
          filters: 2,
          kernel_size: [1, 1],
        }),
        layer('GlobalMaxPooling2D', 'large', [from('convolution', 0)]),
        layer('GlobalMaxPooling2D', 'small', [from('convolution', 1)]),
        {
          ...layer('Add', 'sum', []),
          inbound_nodes: [[from('large'), from('small')]],
        },
        layer('Dense', 'out', [from('sum')], { units: 3, activation: 'softmax' }),
      ],
      input_layers: [['images', 0, 0]],
      output_layers: [['out', 0, 0]],
    },
  },
};

beforeAll(createCpuEngine);

it('counts what each use of a layer gives', async () => {
  const built = await buildModel(shared, 1);
  expect(workOf(built)).toEqual({
    activations: 64 + 16 + 2 * 64 + 2 * 16 + 2 + 2 + 2 + 3,
    weights: 2 + 2 + 6 + 3,
  });
  built.network.dispose();
});
