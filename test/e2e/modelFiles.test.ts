import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { kerasModel } from '../support/kerasModel.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 240, 60);
});

function modelFile(text: string): string {
  const file = join(temporaryFolder(), 'branches.json');
  writeFileSync(file, text);
  return file;
}

async function train(model: string, ...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const ended = await lockstep([
    ...['train', '--model', model, '--data-dir', data, '--engine', 'cpu', '--epochs', '1'],
    ...['--batch-size', '60', '--run-dir', run, ...more],
  ]);
  return { ...ended, run };
}

describe('a topology of Keras', () => {
  it('trains alone and with two workers, the same, and is resumed and evaluated without its file', async () => {
    const file = modelFile(kerasModel());
    const metrics = ['--metrics', 'top_k_categorical_accuracy'];
    const alone = await train(file, '--workers', '0', ...metrics);
    expect(alone.stderr).toBe('');
    const pair = await train(file, '--workers', '2', ...metrics);
    expect(pair.code).toBe(0);
    const [one, two] = [readRun(alone.run).test!, readRun(pair.run).test!];
    expect(Object.keys(one).sort()).toEqual(['accuracy', 'loss', 'top_k_categorical_accuracy']);
    for (const [name, value] of Object.entries(one)) expect(two[name]).toBeCloseTo(value, 4);
    const history = readFileSync(join(alone.run, 'history.csv'), 'utf8');
    expect(history).toContain('val_top_k_categorical_accuracy');
    writeFileSync(file, 'gone');
    const more = await lockstep([
      'train',
      '--resume',
      alone.run,
      '--epochs',
      '2',
      '--workers',
      '0',
    ]);
    expect(more.code).toBe(0);
    expect(readRun(alone.run).epochs).toBe(2);
    const evaluated = await lockstep(['evaluate', alone.run, '--engine', 'cpu', '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject(readRun(alone.run).test!);
  });

  it('trains with the mean squared error, too', async () => {
    const { code, run } = await train(modelFile(kerasModel()), '--workers', '0', '--loss', 'mse');
    expect(code).toBe(0);
    expect(readRun(run).test!.loss).toBeLessThan(0.1);
  });
});

describe('a topology that cannot be trained', () => {
  it.each<[string, (text: string) => string, number, RegExp]>([
    ['no JSON', (text) => text.slice(0, -9), 2, /USAGE: .*branches\.json is not the topology/],
    ['no model', () => '{"layers": []}', 2, /USAGE: .*branches\.json is not the topology/],
    ['an unknown layer', (text) => text.replace('"Multiply"', '"Multipply"'), 2, /'Multipply'/],
    ['an unknown activation', (text) => text.replace('"relu"', '"rleu"'), 2, /"rleu"/],
    [
      'other images',
      (text) => text.replaceAll(',28,28,1]', ',32,32,3]'),
      6,
      /\[32, 32, 3\].*\[28, 28, 1\]/,
    ],
    [
      'too few classes',
      (text) => text.replace('"units":10', '"units":7'),
      6,
      /label \d.*only 7 classes/,
    ],
  ])('%s: says so', async (_what, damage, code, message) => {
    const ended = await train(modelFile(damage(kerasModel())), '--workers', '0');
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toContain('hint: ');
    expect(ended.code).toBe(code);
  });

  it('a file that is not there', async () => {
    const { code, stderr } = await train('nowhere.json', '--workers', '0');
    expect(stderr).toContain('USAGE: the model nowhere.json cannot be read');
    expect(code).toBe(2);
  });
});
