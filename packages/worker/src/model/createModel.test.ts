import { modelHash } from '@lockstep/core/model';
import { describe, expect, it } from 'vitest';
import { buildModel } from './build.js';
import { type CreateModel, topologyOf } from './createModel.js';
import { layersOf, nameOf } from './topology.js';

const small: CreateModel = (tf) =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: 'relu', kernelInitializer: 'heNormal' }),
      tf.layers.dense({ units: 3, activation: 'softmax', name: 'answer' }),
    ],
  });
const branches: CreateModel = (tf) => {
  const input = tf.input({ shape: [4] });
  const [left, right] = [1, 2].map(() => tf.layers.dense({ units: 2 }).apply(input));
  const sum = tf.layers.add().apply([left, right] as never[]);
  const outputs = tf.layers.dense({ units: 3, activation: 'softmax' }).apply(sum);
  return tf.model({ inputs: input, outputs: outputs as never });
};
const specOf = async (createModel: CreateModel) => ({
  name: 'mine',
  topology: await topologyOf(createModel, 'createModel'),
  loss: 'sparse_categorical_crossentropy',
});

describe('topologyOf', () => {
  it('gives names as Keras does, and keeps those that were given', async () => {
    const { topology } = await specOf(small);
    expect(layersOf(topology).map(nameOf)).toEqual([
      'conv2d',
      'max_pooling2d',
      'flatten',
      'dense',
      'answer',
    ]);
  });

  it.each([
    ['a sequential model', small],
    ['a functional model', branches],
  ])('gives %s one hash, whenever it is made, that can be built', async (_what, createModel) => {
    const [first, second] = [await specOf(createModel), await specOf(createModel)];
    expect(modelHash(second)).toBe(modelHash(first));
    const { network, units } = await buildModel(first, 1);
    expect(units).toBe(3);
    network.dispose();
  });

  it.each<[string, unknown, RegExp]>([
    ['throws', () => Promise.reject(new Error('no idea')), /mine threw: no idea/],
    ['gives nothing', () => undefined, /mine gave no model/],
  ])('names the function that %s', async (_what, createModel, message) => {
    await expect(topologyOf(createModel as CreateModel, 'mine')).rejects.toMatchObject({
      code: 'USER_CODE',
      message: expect.stringMatching(message),
    });
  });
});
