import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '@lockstep/core/data';
import { createEngine } from '@lockstep/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { kerasModel } from '../support/kerasModel.js';
import { lockstep, temporaryFolder } from '../support/lockstep.js';
import { kerasPython, runKeras } from '../support/python.js';
import { batchOf, type Hundred, openInEngine } from './engineModel.js';
import { library, missingLibrary } from './library.js';

const withLibrary = library === null ? describe.skip : describe;
const withBoth = library === null || kerasPython === null ? describe.skip : describe;
const missing =
  kerasPython === null ? ' (skipped: no Python with Keras 3 is here)' : missingLibrary;

const zoo = ['cnn', 'tiny'] as const;
let folder: string;
let hundred: Hundred;
const runs: Record<string, string> = {};

/** A run of a few steps. */
async function train(model: string, data: string): Promise<string> {
  const run = join(temporaryFolder(), 'run');
  const trained = await lockstep([
    ...['train', '--model', model, '--workers', '0', '--engine', 'tensorflow', '--epochs', '1'],
    ...['--data-dir', data, '--run-dir', run, '--target-accuracy', 'none'],
  ]);
  expect(trained).toMatchObject({ code: 0 });
  return run;
}

beforeAll(async () => {
  if (library === null) return;
  folder = temporaryFolder();
  const { test } = await loadDataset({ name: 'mnist' });
  hundred = {
    images: test.images.subarray(0, 100 * 28 * 28),
    labels: test.labels.subarray(0, 100),
  };
  writeFileSync(join(folder, 'images.bin'), hundred.images);
  const data = await writeSubset(join(temporaryFolder(), 'data'), 200, 100);
  const branches = join(folder, 'branches.json');
  writeFileSync(branches, kerasModel());
  for (const model of [...zoo, branches]) {
    const name = model === branches ? 'branches' : model;
    const run = await train(model, data);
    runs[name] = run;
    const saved = join(folder, name);
    const args = ['export', run, '--format', 'saved-model', '--output', saved, '--json'];
    const exported = await lockstep(args);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const files = [join(saved, 'saved_model.pb')];
    expect(JSON.parse(exported.stdout)).toMatchObject({ format: 'saved-model', files });
    const keras = ['export', run, '--output', join(folder, `${name}.keras`)];
    expect(await lockstep(keras)).toMatchObject({ code: 0 });
  }
});

withBoth(`a model trained by Lockstep, as a SavedModel in TensorFlow${missing}`, () => {
  interface Opened {
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, unknown>;
    readonly predictions: Record<'all' | 'first' | 'keras', number[]>;
  }
  let opened: Record<string, Opened>;

  beforeAll(() => {
    opened = runKeras('predictInTensorFlow.py', folder, ...Object.keys(runs));
  });

  it.each([...zoo, 'branches'])(
    '%s predicts the same on 100 images, on one, and as a layer of Keras',
    async (name) => {
      const engine = await createEngine('cpu');
      const { model } = await openInEngine(engine, join(folder, `${name}.keras`));
      const wanted = await model.predict(batchOf(hundred, 0, 100));
      await engine.dispose();
      const { inputs, outputs, predictions } = opened[name]!;
      expect(Object.values(inputs)).toEqual([['float32', [null, 28, 28, 1]]]);
      expect(outputs).toEqual({ output_0: ['float32', [null, 10]] });
      const compared = { all: wanted, first: wanted.subarray(0, 10), keras: wanted };
      for (const [how, expected] of Object.entries(compared)) {
        const found = predictions[how as keyof typeof compared];
        expect(found).toHaveLength(expected.length);
        const differences = found.map((value, i) => Math.abs(value - expected[i]!));
        expect(Math.max(...differences)).toBeLessThan(1e-5);
      }
    },
  );
});

withLibrary(`a SavedModel${missingLibrary}`, () => {
  const asSavedModel = (output: string) => ['--format', 'saved-model', '--output', output];

  it('is also made of a model file, the same', async () => {
    const output = join(temporaryFolder(), 'deep', 'saved');
    const file = join(folder, 'tiny.keras');
    const imported = await lockstep(['import', file, ...asSavedModel(output)]);
    expect(imported).toMatchObject({
      code: 0,
      stdout: `Wrote ${join(output, 'saved_model.pb')} (saved-model: graph for batches of any size, with the weights in it)\n`,
      stderr: '',
    });
    expect(readdirSync(output)).toEqual(['saved_model.pb']);
  });

  it('takes the place of the one that was there, but is not put among parts of another', async () => {
    const again = join(folder, 'tiny');
    expect(await lockstep(['export', runs.tiny!, ...asSavedModel(again)])).toMatchObject({
      code: 0,
    });
    const other = temporaryFolder();
    writeFileSync(join(other, 'fingerprint.pb'), '');
    const { code, stderr } = await lockstep(['export', runs.tiny!, ...asSavedModel(other)]);
    expect(stderr).toContain(`MODEL_FILE: ${other} has parts of another model: fingerprint.pb`);
    expect(code).toBe(18);
    expect(readdirSync(other)).toEqual(['fingerprint.pb']);
  });

  it.each([
    [
      'a topology without weights',
      'branches.json',
      /MODEL_FILE: 'branches' has a topology only/,
      18,
    ],
    ['weights without a topology', 'weights.npz', /MODEL_FILE: 'weights' has weights only/, 18],
  ])('cannot be made of %s', async (_what, file, message, exitCode) => {
    const npz = join(folder, 'weights.npz');
    expect(await lockstep(['export', runs.tiny!, '--output', npz])).toMatchObject({ code: 0 });
    const output = join(temporaryFolder(), 'saved');
    const { code, stderr } = await lockstep([
      ...['import', join(folder, file), ...asSavedModel(output)],
    ]);
    expect(stderr).toMatch(message);
    expect(code).toBe(exitCode);
    expect(readdirSync(join(output, '..'))).toEqual([]);
  });

  it('is not made without the native library, which the error says how to get', async () => {
    const output = join(temporaryFolder(), 'saved');
    const args = ['export', runs.tiny!, ...asSavedModel(output)];
    const { code, stderr } = await lockstep(args, { env: { LOCKSTEP_CACHE: temporaryFolder() } });
    expect(stderr).toContain('ENGINE_UNAVAILABLE: the TensorFlow library is not installed');
    expect(stderr).toContain("hint: Run 'lockstep engine install'.");
    expect(code).toBe(11);
    expect(readdirSync(join(output, '..'))).toEqual([]);
  });

  it('is not made of a run that is none, or where a file is in the way', async () => {
    const nowhere = temporaryFolder();
    const unknown = await lockstep(['export', nowhere, ...asSavedModel(join(nowhere, 'saved'))]);
    expect(unknown).toMatchObject({ code: 10, stderr: expect.stringContaining('RUN_DIRECTORY') });
    expect(readdirSync(nowhere)).toEqual([]);
    const file = join(nowhere, 'file');
    writeFileSync(file, 'mine');
    const inTheWay = await lockstep(['export', runs.tiny!, ...asSavedModel(file)]);
    expect(inTheWay).toMatchObject({ code: 10, stderr: expect.stringContaining('RUN_DIRECTORY') });
    expect(readdirSync(nowhere)).toEqual(['file']);
  });
});
