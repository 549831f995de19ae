import type { Sourced } from '@lockstep/coordinator';
import { optimizerConfigSchema } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import type { SavedModel } from '@lockstep/formats';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { declareFlags, readFlags } from '../options/command.js';
import { trainOptionsOf } from '../options/options.js';
import { trainFlags } from '../options/train.js';
import { firstCheckpoint, settle } from './initFrom.js';

const file = 'm.keras';
const adagrad = optimizerConfigSchema.parse({ name: 'adagrad', learningRate: 0.02 });
const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const weight = (layer: string, name: string, shape: number[]) => ({
  layer,
  name,
  shape,
  trainable: true,
  values: new Float32Array(elements(shape)).fill(0.25),
  slots: { accumulator: new Float32Array(elements(shape)).fill(0.5) },
});
const saved: SavedModel = {
  name: 'theirs',
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'theirs',
      layers: [
        { class_name: 'Flatten', config: { name: 'f', batch_input_shape: [null, 4, 4, 1] } },
        { class_name: 'Dense', config: { name: 'out', units: 3, activation: 'softmax' } },
      ],
    },
  },
  loss: 'categorical_crossentropy',
  weights: [weight('out', 'kernel', [16, 3]), weight('out', 'bias', [3])],
  optimizer: { config: adagrad, iterations: 7 },
  notes: ['its metric is odd'],
};

function settled(model: SavedModel, ...words: string[]) {
  const command = declareFlags(new Command('test').exitOverride(), trainFlags);
  command.parse(words, { from: 'user' });
  const { values, sources } = trainOptionsOf(readFlags(command, trainFlags));
  return settle(file, model, { options: values, sources, model: null, dataset: null });
}

const sourceOf = (sources: Readonly<Record<string, Sourced>>, key: string) => sources[key]?.source;

describe('what a model file says, and the command line does not', () => {
  it('is topology, loss and optimizer', () => {
    const { model, asked, warnings } = settled(saved);
    const { options, sources } = asked;
    expect(model).toEqual({
      name: 'theirs',
      topology: saved.topology,
      loss: 'categorical_crossentropy',
    });
    expect(options).toMatchObject({ model: 'theirs', optimizer: adagrad });
    for (const key of ['model', 'optimizer', 'learningRate']) {
      expect(sourceOf(sources, key)).toBe('model file');
    }
    expect(warnings).toEqual(['m.keras: its metric is odd']);
  });

  it('gives way to flags', () => {
    const { model, asked } = settled(saved, '--model', 'mlp', '--learning-rate', '0.5');
    const { options, sources } = asked;
    expect(model).toBeNull();
    expect(options.model).toBe('mlp');
    expect(options.optimizer).toEqual({ ...adagrad, learningRate: 0.5 });
    expect(sourceOf(sources, 'model')).toBe('flag');
    expect(sourceOf(sources, 'learningRate')).toBe('flag');
  });

  it('leaves what another optimizer remembers behind, and says so', () => {
    const { saved: taken, asked, warnings } = settled(saved, '--optimizer', 'sgd');
    expect(asked.options.optimizer.name).toBe('sgd');
    expect(taken.optimizer).toBeNull();
    expect(warnings.at(-1)).toBe(
      'm.keras: the state of its optimizer adagrad is of no use to sgd, which starts afresh',
    );
  });

  it('is nothing but weights, where there are only weights', () => {
    const bare = { ...saved, topology: null, loss: null, optimizer: null, notes: [] };
    const { model, asked } = settled(bare, '--model', 'tiny');
    const { options, sources } = asked;
    expect(model).toBeNull();
    expect(options.optimizer.name).toBe('adam');
    expect(sourceOf(sources, 'optimizer')).toBe('default');
  });
});

describe('the first checkpoint of a run that begins from a file', () => {
  const dataset = {
    description: { imageShape: [4, 4, 1], hash: 'samples' },
  } as unknown as Dataset;
  const run = { id: 'run', version: '0.1.0' };
  const first = (saved: SavedModel) => {
    const begun = settled(saved);
    const { options } = begun.asked;
    return firstCheckpoint(begun, { options, model: begun.model!, dataset }, run);
  };

  it('has its weights and its optimizer, whose updates count on', async () => {
    const { header, weights, optimizer } = await first(saved);
    expect(header.cursor).toEqual({ epoch: 0, step: 7, position: 0 });
    expect(header.learningRate).toBe(0.02);
    expect(weights).toEqual(new Float32Array(51).fill(0.25));
    expect(optimizer).toEqual({
      iterations: 7,
      slots: { accumulator: new Float32Array(51).fill(0.5) },
    });
  });

  it('has fresh weights where the file has a topology alone', async () => {
    const { weights, optimizer } = await first({ ...saved, weights: [], optimizer: null });
    expect(new Set(weights).size).toBeGreaterThan(40);
    expect(optimizer.iterations).toBe(0);
  });

  it('is refused where the weights are of another shape', async () => {
    const narrow = { ...saved, weights: [weight('out', 'kernel', [8, 3]), saved.weights[1]!] };
    await expect(first(narrow)).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message:
        'm.keras has the weight out/kernel in the shape [8, 3], the model out/kernel in [16, 3]',
    });
  });
});
