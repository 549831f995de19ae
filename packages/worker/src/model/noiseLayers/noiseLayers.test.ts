import type { ModelSpec } from '@lockstep/core/model';
import '@tensorflow/tfjs-backend-cpu';
import { env, ones, setBackend, type Tensor, tensor, tensor1d, util } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerUniformBySample } from '../../noise/index.js';
import { type BuiltModel, buildModel } from '../build.js';

beforeAll(async () => {
  env().set('PROD', true);
  registerUniformBySample('cpu');
  await setBackend('cpu');
});

const layer = (class_name: string, config: Record<string, unknown>) => ({ class_name, config });
const sequential = (...layers: unknown[]): ModelSpec => ({
  name: 'test',
  topology: { class_name: 'Sequential', config: { name: 'test', layers } },
  loss: 'sparse_categorical_crossentropy',
});
const flatten = layer('Flatten', { name: 'flatten' });
const softmax = layer('Dense', { name: 'out', units: 3, activation: 'softmax' });
const counter = () => tensor1d([10, 4], 'int32');

/** A model that begins with the layer. */
const startingWith = (class_name: string, config: Record<string, unknown>, shape: number[]) =>
  buildModel(
    sequential(
      layer(class_name, { name: 'noisy', batch_input_shape: [null, ...shape], ...config }),
      flatten,
      softmax,
    ),
    1,
  );

/** What the first layer makes of an input in training. */
function trained({ network, noise }: BuiltModel, input: Tensor): number[] {
  const output = noise.during(counter(), () => network.layers[0]!.apply(input)) as Tensor;
  expect(output.shape).toEqual(input.shape);
  return [...output.dataSync()];
}

/** The first uniform draws of the pass. */
function drawn({ noise }: BuiltModel, shape: number[]): number[] {
  return [...noise.during(counter(), () => noise.uniform(shape)).dataSync()];
}

const filled = (shape: number[], value: (index: number) => number) =>
  tensor(
    Float32Array.from({ length: util.sizeFromShape(shape) }, (_, index) => value(index)),
    shape,
  );

describe('Dropout', () => {
  it('drops where the draw is below the rate and scales what it keeps', async () => {
    const built = await startingWith('Dropout', { rate: 0.25 }, [5, 3]);
    const draws = drawn(built, [4, 5, 3]);
    const expected = draws.map((draw, i) => (draw >= 0.25 ? Math.fround((i + 1) / 0.75) : 0));
    const actual = trained(
      built,
      filled([4, 5, 3], (index) => index + 1),
    );
    expect(actual.filter((value) => value === 0).length).toBeGreaterThan(0);
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
    built.network.dispose();
  });

  it('lets everything through outside of training, and at rate 0', async () => {
    const input = filled([2, 3, 2], (index) => index + 1);
    const built = await startingWith('Dropout', { rate: 0.5 }, [3, 2]);
    const output = built.network.layers[0]!.apply(input, { training: true }) as Tensor;
    expect(output.dataSync()).toEqual(input.dataSync());
    const zero = await startingWith('Dropout', { rate: 0 }, [3, 2]);
    expect(trained(zero, input)).toEqual([...input.dataSync()]);
    for (const { network } of [built, zero]) network.dispose();
  });

  it('works inside nested models, and twice in one model with two masks', async () => {
    const dropout = (name: string, config = {}) => layer('Dropout', { name, rate: 0.5, ...config });
    const shape = { batch_input_shape: [null, 64] };
    const inner = layer('Sequential', { name: 'inner', layers: [dropout('b', shape)] });
    const built = await buildModel(sequential(dropout('a', shape), inner, softmax), 1);
    const [a, nested] = built.network.layers;
    const [first, second] = built.noise.during(counter(), () => [
      a!.apply(ones([1, 64])) as Tensor,
      nested!.apply(ones([1, 64])) as Tensor,
    ]);
    for (const each of [first!, second!]) expect(new Set(each.dataSync())).toEqual(new Set([0, 2]));
    expect(second!.dataSync()).not.toEqual(first!.dataSync());
    built.network.dispose();
  });
});

describe('SpatialDropout1D', () => {
  it('drops whole channels of a sample', async () => {
    const built = await startingWith('SpatialDropout1D', { rate: 0.5 }, [4, 6]);
    const draws = drawn(built, [3, 1, 6]);
    const actual = trained(built, ones([3, 4, 6]));
    actual.forEach((value, i) => {
      const [sample, channel] = [Math.floor(i / 24), i % 6];
      expect(value).toBe(draws[6 * sample + channel]! >= 0.5 ? 2 : 0);
    });
    expect(new Set(actual)).toEqual(new Set([0, 2]));
    built.network.dispose();
  });
});

describe('AlphaDropout', () => {
  it('keeps mean 0 and variance 1', async () => {
    const size = 20_000;
    const built = await startingWith('AlphaDropout', { rate: 0.2 }, [size, 1]);
    // A sample of mean 0 and variance 1: half of it -1, half of it 1.
    const input = filled([1, size, 1], (index) => (-1) ** index);
    const output = trained(built, input);
    const mean = output.reduce((sum, value) => sum + value, 0) / size;
    const variance = output.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    expect(new Set(output).size).toBe(3);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    built.network.dispose();
  });
});

describe('refusals', () => {
  const within = (config: Record<string, unknown>) => layer('Dropout', { name: 'drop', ...config });
  const inputs = { batch_input_shape: [null, 4, 4] };
  const lstm = (config: Record<string, unknown>) =>
    layer('LSTM', { name: 'rnn', units: 3, ...inputs, ...config });

  it.each([
    ['a rate of 1', within({ rate: 1 }), /'drop'.*has the rate 1$/],
    ['no rate', within({}), /'drop'.*has the rate undefined$/],
    ['a noise shape', within({ rate: 0.5, noise_shape: [null, 1] }), /'drop'.*noise_shape/],
    ['recurrent dropout', lstm({ recurrent_dropout: 0.1 }), /'rnn'.*recurrent_dropout/],
    ['dropout within an LSTM', lstm({ dropout: 0.1 }), /'rnn'.*has a dropout/],
    [
      'wrapped dropout',
      layer('TimeDistributed', { name: 'times', ...inputs, layer: within({ rate: 0.5 }) }),
      /'times'.*is a TimeDistributed around dropout/,
    ],
  ])('%s', async (_, refused, message) => {
    await expect(buildModel(sequential(refused, flatten, softmax), 1)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    });
  });
});
