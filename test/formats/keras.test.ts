import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '@lockstep/core/data';
import { createEngine, type Engine } from '@lockstep/worker';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';
import { kerasPython, runKeras } from '../support/python.js';
import { batchOf, type Hundred, losses, openInEngine } from './engineModel.js';
import { library, missingLibrary } from './library.js';

const withKeras = kerasPython === null ? describe.skip : describe;
const missing = kerasPython === null ? ' (skipped: no Python with Keras 3 is here)' : '';

let engine: Engine;
let hundred: Hundred;
let folder: string;

beforeAll(async () => {
  engine = await createEngine('cpu');
  const { test } = await loadDataset({ name: 'mnist' });
  hundred = {
    images: test.images.subarray(0, 100 * 28 * 28),
    labels: test.labels.subarray(0, 100),
  };
  folder = temporaryFolder();
  writeFileSync(join(folder, 'images.bin'), hundred.images);
  writeFileSync(join(folder, 'labels.bin'), hundred.labels);
});

afterAll(() => engine.dispose());

/** The greatest difference. */
function farthest(one: ArrayLike<number>, other: ArrayLike<number>): number {
  expect(one.length).toBe(other.length);
  return Array.from(one).reduce(
    (most, value, index) => Math.max(most, Math.abs(value - other[index]!)),
    0,
  );
}

function expectEqualLosses(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  for (const [index, loss] of wanted.entries()) {
    expect(Math.abs(found[index]! - loss) / loss).toBeLessThan(2e-5);
  }
}

withKeras(`a model trained by Lockstep, in Keras${missing}`, () => {
  interface Opened {
    readonly predictions: number[];
    readonly losses: number[];
  }
  let opened: Record<'model.keras' | 'model.h5' | 'model.json' | 'saved', Opened> & {
    state: number[];
  };
  let ours: { predictions: Float32Array; losses: number[] };

  beforeAll(async () => {
    const data = await writeSubset(join(temporaryFolder(), 'data'), 1_000, 100);
    const run = join(temporaryFolder(), 'run');
    const trained = await lockstep([
      ...['train', '--model', 'tiny', '--workers', '0', '--engine', 'wasm', '--epochs', '2'],
      ...['--data-dir', data, '--run-dir', run, '--target-accuracy', 'none'],
    ]);
    expect(trained).toMatchObject({ code: 0 });
    for (const name of ['model.keras', 'model.h5', 'model.json', 'weights.npz']) {
      const exported = await lockstep(['export', run, '--output', join(folder, name)]);
      expect(exported).toMatchObject({ code: 0, stderr: '' });
    }
    const { model, optimizer } = await openInEngine(engine, join(folder, 'model.keras'));
    const ranges = [
      [0, 32],
      [32, 64],
      [64, 96],
    ] as const;
    ours = {
      predictions: await model.predict(batchOf(hundred, 0, 100)),
      losses: await losses(model, optimizer.learningRate, hundred, ranges),
    };
    model.dispose();
    opened = runKeras('openInKeras.py', folder);
  });

  it.each(['model.keras', 'model.h5', 'model.json'] as const)(
    'predicts the same from %s on 100 images',
    (name) => {
      expect(farthest(opened[name].predictions, ours.predictions)).toBeLessThan(1e-5);
    },
  );

  it('predicts the same in TensorFlow, from the SavedModel that Keras makes of .keras', () => {
    expect(farthest(opened.saved.predictions, ours.predictions)).toBeLessThan(1e-5);
  });

  it('trains on from .keras with the same losses', () => {
    expectEqualLosses(opened['model.keras'].losses, ours.losses);
  });

  it('trains on from .h5, with an optimizer that begins anew', () => {
    expectEqualLosses(opened['model.h5'].losses.slice(0, 1), ours.losses.slice(0, 1));
    expect(opened['model.h5'].losses.every(Number.isFinite)).toBe(true);
  });

  it('trains on from .h5 with the same losses, once the state is asked for', () => {
    expectEqualLosses(opened.state, ours.losses);
  });
});

withKeras(`models saved by Keras, in Lockstep${missing}`, () => {
  let saved: Record<string, { predictions: number[]; losses: number[] }>;

  beforeAll(() => {
    saved = runKeras('saveInKeras.py', folder);
  });

  const names = [
    ...['sequential', 'dropout', 'functional', 'nested'],
    ...[
      'sgd',
      'momentum',
      'rmsprop',
      'centered',
      'adagrad',
      'adadelta',
      'amsgrad',
      'adamw',
      'adamax',
    ],
  ];
  const files = names.flatMap((name) => ['keras', 'h5'].map((ending) => [name, ending] as const));

  it.each(files)(
    '%s.%s predicts the same, and goes on with the same losses',
    async (name, ending) => {
      const {
        model,
        optimizer,
        saved: found,
      } = await openInEngine(engine, join(folder, `${name}.${ending}`));
      expect(found.notes).toEqual([]);
      expect(found.optimizer!.iterations).toBe(2);
      const predictions = await model.predict(batchOf(hundred, 0, 100));
      expect(farthest(predictions, saved[name]!.predictions)).toBeLessThan(1e-5);
      const ranges = [
        [64, 96],
        [0, 32],
      ] as const;
      const next = await losses(model, optimizer.learningRate, hundred, ranges);
      // No two programs draw the same dropout.
      if (name !== 'dropout') expectEqualLosses(next, saved[name]!.losses);
      model.dispose();
    },
  );

  it('go back to Keras as they came', async () => {
    const structures = ['sequential', 'functional', 'nested'];
    const back: [name: string, from: string][] = [];
    for (const name of structures) {
      for (const [from, to] of [
        ['keras', 'h5'],
        ['h5', 'keras'],
      ] as const) {
        const file = `${name}-from-${from}.${to}`;
        const path = join(folder, file);
        const imported = await lockstep([
          'import',
          join(folder, `${name}.${from}`),
          '--output',
          path,
        ]);
        expect(imported).toMatchObject({ code: 0, stderr: '' });
        back.push([name, file]);
      }
    }
    const predictions = runKeras<Record<string, number[]>>(
      'predictInKeras.py',
      folder,
      ...back.map(([, file]) => file),
    );
    for (const [name, file] of back) {
      expect(farthest(predictions[file]!, saved[name]!.predictions)).toBeLessThan(1e-6);
    }
  });

  it.skipIf(library === null)(
    `become SavedModels: nested, with shared and frozen layers${missingLibrary}`,
    async () => {
      const structures = ['sequential', 'functional', 'nested'];
      const output = (name: string) => `${name}-saved`;
      for (const name of structures) {
        const imported = await lockstep([
          ...['import', join(folder, `${name}.keras`), '--format', 'saved-model'],
          ...['--output', join(folder, output(name))],
        ]);
        expect(imported).toMatchObject({ code: 0, stderr: '' });
      }
      const opened = runKeras<Record<string, { predictions: { all: number[] } }>>(
        'predictInTensorFlow.py',
        folder,
        ...structures.map(output),
      );
      for (const name of structures) {
        const { all } = opened[output(name)]!.predictions;
        expect(farthest(all, saved[name]!.predictions)).toBeLessThan(1e-5);
      }
    },
  );

  it('train on by the command line, on a cluster, and know where they come from', async () => {
    const data = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
    const run = join(temporaryFolder(), 'run');
    const file = join(folder, 'functional.keras');
    const trained = await lockstep([
      ...['train', '--init-from', file, '--workers', '2', '--engine', 'wasm', '--epochs', '1'],
      ...['--data-dir', data, '--run-dir', run, '--learning-rate', '0.002'],
    ]);
    expect(trained).toMatchObject({ code: 0 });
    const { config, steps } = readRun(run);
    // 600 samples are 19 steps; two were Keras's.
    expect(steps).toBe(2 + 19);
    expect(config.model!.source).toBe('model file');
    expect(config.optimizer!.value).toMatchObject({ name: 'adam', learningRate: 0.002 });
    const resumed = await lockstep(['train', '--resume', run, '--epochs', '2', '--engine', 'wasm']);
    expect(resumed).toMatchObject({ code: 0 });
    expect(readRun(run).steps).toBe(2 + 2 * 19);
    const evaluated = await lockstep(['evaluate', run, '--engine', 'wasm']);
    expect(evaluated).toMatchObject({ code: 0 });
    const picture = join(folder, 'digit.png');
    const raw = { width: 28, height: 28, channels: 1 } as const;
    await sharp(hundred.images.subarray(0, 28 * 28), { raw })
      .png()
      .toFile(picture);
    const predicted = await lockstep(['predict', run, picture, '--engine', 'wasm']);
    expect(predicted).toMatchObject({ code: 0, stdout: expect.stringContaining('digit.png') });
    const topology = JSON.parse(readFileSync(join(folder, 'functional.json'), 'utf8'));
    const exported = join(folder, 'again.json');
    await lockstep(['export', run, '--output', exported]);
    const again = JSON.parse(readFileSync(exported, 'utf8'));
    const order = ({ config: { layers } }: { config: { layers: { name: string }[] } }) =>
      layers.map(({ name }) => name);
    expect(order(again)).toEqual(order(topology));
  });
});
