import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
});

/** TypeScript, with all that a file may export. */
const program = () => `
import type { CreateModel } from '@lockstep/cli';
const units: number = 10;
export const createModel: CreateModel = (tf) =>
  tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [28, 28, 1] }),
      tf.layers.dense({ units: 16, activation: 'relu' }),
      tf.layers.dense({ units, activation: 'softmax' }),
    ],
  });
export const loss = 'categorical_crossentropy';
export const optimizer = { name: 'sgd', learningRate: 0.05, momentum: 0.9 };
export const metrics = ['top_k_categorical_accuracy'];
export const dataset = async () => ({ directory: ${JSON.stringify(data)} });
`;

function fileOf(text: string, name = 'my net.ts'): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, text);
  return file;
}

const flagsOf = (model: string, run: string): string[] => [
  ...[
    '--model',
    model,
    '--engine',
    'wasm',
    '--epochs',
    '1',
    '--batch-size',
    '60',
    '--run-dir',
    run,
  ],
];

async function train(model: string, ...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  return { ...(await lockstep(['train', ...flagsOf(model, run), ...more])), run };
}

describe('--model file.ts', () => {
  it('trains it alone and on two workers, the same, as the file says', async () => {
    const file = fileOf(program());
    const alone = await train(file, '--workers', '0');
    expect(alone.stderr).toBe('');
    const pair = await train(file, '--workers', '2');
    expect(pair.code).toBe(0);
    const [one, two] = [readRun(alone.run), readRun(pair.run)];
    expect(one.runId).toContain('-my-net-');
    expect(one.config.optimizer).toEqual({
      value: { name: 'sgd', learningRate: 0.05, momentum: 0.9, nesterov: false },
      source: 'model file',
    });
    expect(one.config.dataDir).toEqual({ value: data, source: 'model file' });
    expect(one.steps).toBe(10);
    expect(Object.keys(one.test!).sort()).toEqual([
      'accuracy',
      'loss',
      'top_k_categorical_accuracy',
    ]);
    for (const [name, value] of Object.entries(one.test!))
      expect(two.test![name]).toBeCloseTo(value, 4);
    rmSync(file);
    const resumed = await lockstep(['train', '--resume', pair.run, '--epochs', '2']);
    expect(resumed.code).toBe(0);
    expect(readRun(pair.run).steps).toBe(20);
  });

  it('what the command line says comes first', async () => {
    const other = await writeSubset(join(temporaryFolder(), 'other'), 300, 50);
    const flags = ['--learning-rate', '0.01', '--loss', 'mse', '--data-dir', other];
    const { code, run } = await train(fileOf(program()), '--workers', '0', ...flags);
    expect(code).toBe(0);
    const { config, steps } = readRun(run);
    expect(steps).toBe(5);
    expect(config.learningRate).toEqual({ value: 0.01, source: 'flag' });
    expect(config.optimizer?.value).toMatchObject({
      name: 'sgd',
      learningRate: 0.01,
      momentum: 0.9,
    });
    expect(config.loss?.value).toBe('mean_squared_error');
  });

  it('a worker that expects the same file is let in, and one that expects another is not', async () => {
    const [file, run] = [fileOf(program()), join(temporaryFolder(), 'run')];
    const coordinator = start(['coordinator', ...flagsOf(file, run)]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const connect = [
      'worker',
      '--connect',
      address!,
      '--engine',
      'wasm',
      '--loss',
      'categorical_crossentropy',
    ];
    const other = fileOf(program().replace('units: 16', 'units: 17'));
    const stranger = await lockstep([...connect, '--model', other]);
    expect(stranger.stderr).toContain('MODEL_MISMATCH');
    expect(stranger.code).toBe(6);
    expect((await lockstep([...connect, '--model', file])).code).toBe(0);
    expect((await coordinator.ended).code).toBe(0);
  });
});

describe('a file that is no model', () => {
  const named = 'export const createModel = (tf) => ';
  it.each<[string, string, number, RegExp]>([
    ['is not there', '', 14, /USER_CODE: .*nowhere\.ts cannot be loaded/],
    [
      'does not compile',
      'export const createModel = (',
      14,
      /USER_CODE: .*net\.ts cannot be loaded/,
    ],
    ['exports no createModel', 'export default 7', 14, /net\.ts exports no createModel/],
    [
      'exports a number as loss',
      `${named} 1; export const loss = 3`,
      14,
      /exports a number as loss/,
    ],
    ['throws', `${named} { throw new Error('ouch'); }`, 14, /createModel of .*net\.ts threw: ouch/],
    ['gives no model', `${named} 7`, 14, /createModel of .*net\.ts gave no model/],
    [
      'has an unknown loss',
      program().replace('categorical_c', 'categorial_c'),
      2,
      /USAGE: .*categorial_c/,
    ],
    [
      'has an unknown optimizer',
      program().replace("'sgd'", "'sgdd'"),
      2,
      /USAGE: optimizer got "sgdd"/,
    ],
    [
      'has no data',
      program().replace('directory', 'folder'),
      3,
      /DATA_CORRUPT: imageShape of the dataset: /,
    ],
  ])('%s', async (_what, text, code, message) => {
    const file = text === '' ? 'nowhere.ts' : fileOf(text, 'net.ts');
    const ended = await train(file, '--workers', '0');
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toContain('hint: ');
    expect(ended.stderr).not.toContain('    at ');
    expect(ended.code).toBe(code);
  });

  it('in another language', async () => {
    const { stderr, code } = await train('net.py', '--workers', '0');
    expect(stderr).toMatch(/--model got "net\.py"; it takes .*a file \(\.json, \.ts, \.js\)/);
    expect(code).toBe(2);
  });
});
