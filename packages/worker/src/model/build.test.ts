import { bytesOf, LockstepError, sha256 } from '@lockstep/core';
import { type ModelSpec, zoo } from '@lockstep/core/model';
import { env, memory, setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildModel } from './build.js';

beforeAll(async () => {
  env().set('PROD', true);
  await setBackend('cpu');
});

const layer = (class_name: string, config: Record<string, unknown>) => ({ class_name, config });
const sequential = (...layers: unknown[]): ModelSpec => ({
  name: 'test',
  topology: { class_name: 'Sequential', config: { name: 'test', layers } },
  loss: 'sparse_categorical_crossentropy',
});
const flatten = layer('Flatten', { name: 'flatten', batch_input_shape: [null, 4, 4, 1] });
const softmax = layer('Dense', { name: 'out', units: 3, activation: 'softmax' });

async function refusal(spec: ModelSpec): Promise<LockstepError> {
  const thrown: unknown = await buildModel(spec, 1).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof LockstepError))
    throw new Error('it was not refused with a LockstepError');
  expect(thrown.code).toBe('USAGE');
  expect(thrown.hint).toBeTruthy();
  return thrown;
}

describe('buildModel', () => {
  it.each([
    ['cnn', 693_962],
    ['mlp', 101_770],
    ['deep', 3_274_634],
    ['tiny', 51_840],
  ])('builds %s with %i parameters', async (name, count) => {
    const { network, parameters, initialWeights, inputShape, units } = await buildModel(
      zoo[name]!,
      1,
    );
    expect(initialWeights.length).toBe(count);
    expect(parameters.reduce((sum, each) => sum + each.length, 0)).toBe(count);
    expect(inputShape).toEqual([28, 28, 1]);
    expect(units).toBe(10);
    network.dispose();
  });

  it('names and places the parameters the same in every model of the process', async () => {
    const [first, second] = [await buildModel(zoo.tiny!, 1), await buildModel(zoo.tiny!, 1)];
    expect(second.parameters).toEqual(first.parameters);
    expect(first.parameters.map((each) => [each.name, each.shape, each.offset])).toEqual([
      ['conv2d/kernel', [3, 3, 1, 3], 0],
      ['conv2d/bias', [3], 27],
      ['dense/kernel', [507, 100], 30],
      ['dense/bias', [100], 50_730],
      ['dense_1/kernel', [100, 10], 50_830],
      ['dense_1/bias', [10], 51_830],
    ]);
    first.network.dispose();
    second.network.dispose();
  });

  it('initialises from the seed alone, and every layer differently', async () => {
    const equalLayers = sequential(
      flatten,
      layer('Dense', { name: 'a', units: 16 }),
      layer('Dense', { name: 'b', units: 16 }),
      softmax,
    );
    const [built, again, other] = await Promise.all(
      [5, 5, 6].map((seed) => buildModel(equalLayers, seed)),
    );
    expect(again!.initialWeights).toEqual(built!.initialWeights);
    expect(other!.initialWeights).not.toEqual(built!.initialWeights);
    const [a, , b] = built!.parameters.map(({ offset, length }) =>
      built!.initialWeights.slice(offset, offset + length),
    );
    expect(a!.length).toBe(b!.length);
    expect(a).not.toEqual(b);
    for (const each of [built, again, other]) each!.network.dispose();
  });

  it('keeps the initial weights of a seed for ever: runs are repeated by their seed', async () => {
    const { network, initialWeights } = await buildModel(zoo.tiny!, 42);
    expect(sha256(bytesOf(initialWeights))).toMatchInlineSnapshot(
      `"e3ad87e8a949efcc675b404c9a2aca76167c1a23e904c12d210406ba11dc7f7c"`,
    );
    network.dispose();
  });

  it('follows initializers of layers and defaults to those of Keras', async () => {
    const { network, parameters, initialWeights } = await buildModel(
      sequential(
        flatten,
        layer('Dense', { name: 'out', units: 3, activation: 'softmax', bias_initializer: 'ones' }),
      ),
      1,
    );
    const [kernel, bias] = parameters.map(({ offset, length }) =>
      initialWeights.slice(offset, offset + length),
    );
    expect([...bias!]).toEqual([1, 1, 1]);
    const limit = Math.sqrt(6 / (16 + 3));
    expect(Math.max(...kernel!.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(new Set(kernel).size).toBe(48);
    network.dispose();
  });

  it('builds functional models, up to the logits', async () => {
    const { network } = await buildModel(
      {
        name: 'functional',
        loss: 'sparse_categorical_crossentropy',
        topology: {
          class_name: 'Functional',
          config: {
            name: 'functional',
            layers: [
              {
                ...layer('InputLayer', {
                  name: 'in',
                  batch_input_shape: [null, 4],
                  dtype: 'float32',
                }),
                name: 'in',
                inbound_nodes: [],
              },
              { ...softmax, name: 'out', inbound_nodes: [[['in', 0, 0, {}]]] },
            ],
            input_layers: [['in', 0, 0]],
            output_layers: [['out', 0, 0]],
          },
        },
      },
      1,
    );
    expect(network.getLayer('out').getConfig().activation).toBe('linear');
    network.dispose();
  });

  it('leaves no tensors behind after dispose', async () => {
    const before = memory().numTensors;
    const { network } = await buildModel(zoo.tiny!, 1);
    network.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('refuses unknown, noisy and drifting layers by name', async () => {
    const unknown = await refusal(sequential(flatten, layer('Foo', { name: 'foo_1' }), softmax));
    expect(unknown.message).toContain("layer 'foo_1' of the model 'test' is of the class 'Foo'");
    const noise = layer('GaussianNoise', { name: 'noise', stddev: 0.5 });
    expect((await refusal(sequential(flatten, noise, softmax))).message).toContain("'noise'");
    const nested = layer('Sequential', {
      name: 'inner',
      layers: [layer('BatchNormalization', { name: 'norm' })],
    });
    expect((await refusal(sequential(flatten, nested, softmax))).message).toContain("'norm'");
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['an unknown activation', { activation: 'wobble' }, /'out'.*activation "wobble"/],
    ['a class as activation', { activation: 'Dense' }, /'out'.*activation "Dense"/],
    ['groups', { groups: 2 }, /'out'.*groups 2/],
    ['dilation', { dilation_rate: [2, 2] }, /'out'.*dilation_rate \[2,2\]/],
  ])('refuses %s, naming the layer', async (_what, config, message) => {
    const hidden = layer('Dense', { name: 'out', units: 3, ...config });
    expect((await refusal(sequential(flatten, hidden, softmax))).message).toMatch(message);
  });

  it('refuses constraints and unknown initializers, naming the layer', async () => {
    const out = (config: Record<string, unknown>) =>
      sequential(flatten, layer('Dense', { ...softmax.config, ...config }));
    const constraint = { class_name: 'NonNeg', config: {} };
    expect((await refusal(out({ kernel_constraint: constraint }))).message).toMatch(
      /'out'.*kernel_constraint/,
    );
    expect((await refusal(out({ kernel_initializer: 'orthogonal' }))).message).toMatch(
      /'out', kernel: the initializer 'orthogonal'/,
    );
  });

  it('refuses models that cannot be trained with the loss', async () => {
    const linear = layer('Dense', { name: 'out', units: 3, activation: 'linear' });
    expect((await refusal(sequential(flatten, linear))).message).toContain('"linear"');
    expect((await refusal(sequential())).message).toContain('no last layer');
    const { batch_input_shape: _, ...open } = flatten.config;
    expect((await refusal(sequential(layer('Flatten', open), softmax))).message).toContain(
      'first layer in a Sequential model must get an `inputShape`',
    );
    const image = layer('Conv2D', {
      name: 'conv',
      filters: 3,
      kernel_size: 3,
      activation: 'softmax',
      batch_input_shape: [null, 4, 4, 1],
    });
    expect((await refusal(sequential(image))).message).toContain('[null,2,2,3]');
    const single = layer('Dense', { name: 'out', units: 1, activation: 'softmax' });
    expect((await refusal(sequential(flatten, single))).message).toContain('softmax of one unit');
    const negative = layer('Dense', { name: 'out', units: -1, activation: 'softmax' });
    expect((await refusal(sequential(flatten, negative))).message).toContain('cannot be built');
  });
});
