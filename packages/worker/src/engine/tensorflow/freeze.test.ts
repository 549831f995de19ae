import { Random } from '@lockstep/core/data';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { mul, serialization, type Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import type { Parameter } from '../engine.js';
import { freezeModel } from './freeze.js';
import { describeWithLibrary } from './library.suite.js';

type LayerJson = { readonly class_name: string; readonly config: Record<string, unknown> };

const layer = (class_name: string, config: Record<string, unknown> = {}): LayerJson => ({
  class_name,
  config,
});
const head = layer('Dense', { units: 3, activation: 'softmax' });
const flatten = layer('Flatten');
const asSequence = layer('Reshape', { target_shape: [8, 8] });
const inner = { name: 'inner', units: 3 };

const gru = layer('GRU', {
  units: 4,
  recurrent_initializer: { class_name: 'GlorotUniform', config: {} },
});

/** Layers on images of 8 by 8, each in the midst of a network. */
const networks: readonly (readonly LayerJson[])[] = [
  ...[
    layer('Conv2D', { filters: 4, kernel_size: [3, 3], activation: 'relu' }),
    layer('DepthwiseConv2D', { kernel_size: [3, 3] }),
    layer('SeparableConv2D', { filters: 3, kernel_size: [3, 3] }),
    layer('Conv2DTranspose', { filters: 3, kernel_size: [3, 3] }),
    layer('MaxPooling2D', { padding: 'same', pool_size: [3, 3] }),
    layer('AveragePooling2D', { padding: 'same', pool_size: [3, 3] }),
    layer('UpSampling2D'),
    layer('ZeroPadding2D'),
    layer('Cropping2D', { cropping: [1, 2] }),
    layer('Permute', { dims: [2, 1, 3] }),
    layer('PReLU'),
    layer('LeakyReLU'),
    layer('ELU'),
    layer('Softmax', { axis: -1 }),
    layer('Dropout', { rate: 0.5 }),
    layer('Dense', { units: 3, activation: 'gelu' }),
  ].map((each) => [each, flatten, head]),
  [layer('GlobalAveragePooling2D'), head],
  [layer('GlobalMaxPooling2D'), head],
  [asSequence, layer('Conv1D', { filters: 4, kernel_size: 3 }), flatten, head],
  [asSequence, layer('TimeDistributed', { layer: layer('Dense', inner) }), flatten, head],
];

const sequential = (all: readonly LayerJson[]): ModelSpec => ({
  name: 'small',
  loss: 'sparse_categorical_crossentropy',
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'small',
      layers: all.map(({ class_name, config }, i) => ({
        class_name,
        config: {
          ...config,
          name: `layer_${i}`,
          ...(i === 0 ? { batch_input_shape: [null, 8, 8, 1] } : {}),
        },
      })),
    },
  },
});

/** Biases, too, are none of them 0. */
function someWeights(_parameters: readonly Parameter[], fresh: Float32Array): Float32Array {
  const random = Random.from('weights');
  return fresh.map(() => (random.below(2001) - 1000) / 5000);
}

/** Gives each image times the size of its batch, as no layer should. */
class TimesBatch extends layers.Layer {
  static className = 'TimesBatch';
  override call(inputs: Tensor | Tensor[]): Tensor {
    const [images] = [inputs].flat() as [Tensor];
    return mul(images, images.shape[0]!);
  }
}

describeWithLibrary('a frozen model', () => {
  it.each(networks.map((each) => [each.map(({ class_name: name }) => name).join(), each] as const))(
    'is compared with the network itself, and is the same: %s',
    async (_names, each) => {
      const bytes = await freezeModel(sequential(each), someWeights);
      expect(Buffer.from(bytes).includes('serving_default')).toBe(true);
    },
  );

  it.each(Object.keys(zoo))('can be made of %s', async (name) => {
    let count = 0;
    const bytes = await freezeModel(zoo[name]!, (parameters, fresh) => {
      count = fresh.length;
      return someWeights(parameters, fresh);
    });
    expect(bytes.byteLength).toBeGreaterThan(4 * count);
  });

  it('is refused where a layer computes something else in each size of a batch', async () => {
    serialization.registerClass(TimesBatch);
    const spec = sequential([layer('TimesBatch'), flatten, head]);
    await expect(freezeModel(spec, someWeights)).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message:
        "the model 'small' cannot be written for batches of any size: the layer 'layer_0' (TimesBatch) fails: the outputs are others in a batch of 1",
      hint: expect.stringContaining('keras'),
    });
  });

  it.each([
    ['cannot be captured', [layer('ELU'), layer('Softmax', { axis: 1 }), flatten], 'Softmax along'],
    ['cannot run', [layer('ELU'), layer('LayerNormalization'), flatten], 'Expected multiples[0]'],
    ['makes a tensor for each sample', [asSequence, gru], 'Tensor must have a shape'],
  ])('is refused where a layer %s, which is named', async (_what, body, reason) => {
    const { class_name: name } = body[1]!;
    await expect(freezeModel(sequential([...body, head]), someWeights)).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message: expect.stringContaining(`the layer 'layer_1' (${name}) fails: ${reason}`),
    });
  });
});
