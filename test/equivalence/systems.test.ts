import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

/** System 2: layers of one's own, with dropout. */
const layers = `
export const createModel = (tf) => tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
  tf.layers.averagePooling2d({ poolSize: 2 }),
  tf.layers.flatten(),
  tf.layers.dropout({ rate: 0.5 }),
  tf.layers.dense({ units: 10, activation: 'softmax' }),
] });
export const optimizer = 'rmsprop';
`;

let data: string;
let layersFile: string;
beforeAll(async () => {
  const folder = temporaryFolder();
  data = await writeSubset(join(folder, 'data'), 300, 60);
  layersFile = join(folder, 'layers.js');
  writeFileSync(layersFile, layers);
});

/** What decides the figures of a run, to the last bit. */
async function outcomeOf(words: readonly string[]) {
  const run = join(temporaryFolder(), 'run');
  const { code, stderr } = await lockstep([
    ...['train', '--workers', '2', '--data-dir', data, '--target-accuracy', 'none'],
    ...['--run-dir', run, ...words],
  ]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { weightsSha256, test } = readRun(run);
  return { weightsSha256, test, history: readFileSync(join(run, 'history.csv'), 'utf8') };
}

/** The five reference systems, small, on a cluster of two processes. */
describe('two runs with one seed are the same to the bit', () => {
  it.each<[string, () => string[]]>([
    ['cnn', () => ['--model', 'cnn', '--epochs', '1']],
    ['layers', () => ['--model', layersFile, '--epochs', '2']],
    ['mlp', () => ['--model', 'mlp', '--epochs', '2', '--validation-split', '0.2']],
    ['deep', () => ['--model', 'deep', '--batch-size', '50', '--steps', '4', '--log-every', '2']],
    [
      'tiny',
      () => ['--model', 'tiny', '--batch-size', '128', '--epochs', '2', '--learning-rate', '0.01'],
    ],
  ])('%s', async (_system, words) => {
    const flags = [...words(), '--deterministic', '--seed', '11'];
    const first = await outcomeOf(flags);
    expect(first.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(first.history.split('\n').length).toBeGreaterThan(2);
    expect(await outcomeOf(flags)).toEqual(first);
  });
});
