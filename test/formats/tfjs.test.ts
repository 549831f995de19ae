import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '@lockstep/core/data';
import { type FlatState, fitState, readModelFile } from '@lockstep/formats';
import { createEngine, type Engine } from '@lockstep/worker';
import { type io, tensor } from '@tensorflow/tfjs-core';
import { type LayersModel, layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, temporaryFolder } from '../support/lockstep.js';
import { batchOf, openInEngine } from './engineModel.js';

let engine: Engine;
let images: Uint8Array;
let folder: string;

beforeAll(async () => {
  engine = await createEngine('cpu');
  images = (await loadDataset({ name: 'mnist' })).test.images.subarray(0, 100 * 28 * 28);
  folder = temporaryFolder();
});

afterAll(() => engine.dispose());

const hundred = () => ({ images, labels: new Uint8Array(100) });

function predict(model: LayersModel): Float32Array {
  const input = tensor(
    Float32Array.from(images, (value) => value / 255),
    [100, 28, 28, 1],
  );
  const output = model.predict(input);
  if (Array.isArray(output)) throw new Error('one output is expected');
  return output.dataSync<'float32'>();
}

function expectClose(found: Float32Array, wanted: Float32Array): void {
  expect(found.length).toBe(wanted.length);
  const farthest = found.reduce((most, p, i) => Math.max(most, Math.abs(p - wanted[i]!)), 0);
  expect(farthest).toBeLessThan(1e-6);
}

/** What TensorFlow.js's own file handler does with these two files. */
const fromFiles = (model: string, numbers: string): io.IOHandler => ({
  load: async () => {
    const { modelTopology, weightsManifest } = JSON.parse(readFileSync(model, 'utf8'));
    const weightData = Uint8Array.from(readFileSync(numbers)).buffer;
    return { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
  },
});

const toFiles = (model: string, numbers: string): io.IOHandler => ({
  save: async ({ modelTopology, weightSpecs, weightData, format, trainingConfig }) => {
    const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }];
    const json = { modelTopology, format, trainingConfig, weightsManifest };
    writeFileSync(model, JSON.stringify(json));
    writeFileSync(numbers, new Uint8Array(weightData as ArrayBuffer));
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  },
});

describe('a layers model of TensorFlow.js', () => {
  it('is what a run exports, and predicts the same', async () => {
    const data = await writeSubset(join(folder, 'data'), 640, 100);
    const run = join(folder, 'run');
    await lockstep([
      ...['train', '--model', 'tiny', '--workers', '0', '--engine', 'wasm', '--epochs', '1'],
      ...['--data-dir', data, '--run-dir', run],
    ]);
    for (const [format, name] of [
      ['tfjs', 'web'],
      ['keras', 'model.keras'],
    ] as const) {
      const output = join(folder, name);
      const { code } = await lockstep(['export', run, '--format', format, '--output', output]);
      expect(code).toBe(0);
    }
    const numbers = join(folder, 'web/model.weights.bin');
    const theirs = await loadLayersModel(fromFiles(join(folder, 'web/model.json'), numbers));
    const { model } = await openInEngine(engine, join(folder, 'model.keras'));
    expectClose(predict(theirs), await model.predict(batchOf(hundred(), 0, 100)));
    theirs.dispose();
    model.dispose();
  });

  it('saved by TensorFlow.js predicts the same here', async () => {
    const theirs = sequential({
      layers: [
        layers.conv2d({ inputShape: [28, 28, 1], filters: 3, kernelSize: 5, activation: 'relu' }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 10, activation: 'softmax', kernelInitializer: 'heNormal' }),
      ],
    });
    const file = join(folder, 'model.json');
    await theirs.save(toFiles(file, join(folder, 'group1-shard1of1.bin')));
    const saved = await readModelFile(file);
    const spec = {
      name: saved.name,
      topology: saved.topology!,
      loss: 'sparse_categorical_crossentropy',
    };
    const optimizer = { name: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false } as const;
    const model = await engine.load(spec, { seed: 1, optimizer, imageShape: [28, 28, 1] });
    const parameters = model.parameters.map(({ name, shape, trainable }) => ({
      name,
      shape: [...shape],
      trainable,
    }));
    const state: FlatState = fitState(saved, parameters, await model.readState(), file);
    await model.writeState(state);
    expectClose(await model.predict(batchOf(hundred(), 0, 100)), predict(theirs));
    model.dispose();
    theirs.dispose();
  });
});
