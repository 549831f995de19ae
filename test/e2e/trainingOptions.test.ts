import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 600, 100);
});

const newRun = (): string => join(temporaryFolder(), 'run');

async function train(run: string, ...more: string[]) {
  const common = ['--model', 'tiny', '--engine', 'wasm', '--batch-size', '50', '--run-dir', run];
  const ended = await lockstep(['train', ...common, '--data-dir', data, ...more]);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  return ended.stdout;
}

const rowsOf = (run: string): number[][] =>
  readFileSync(join(run, 'history.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));

/** Alone and on two workers, whose samples come from the coordinator. */
describe.each([0, 2])('with %i workers', (count) => {
  const workers = ['--workers', String(count)];

  it('validates on the last part of the training samples, which is not trained', async () => {
    const run = newRun();
    await train(run, ...workers, '--epochs', '2', '--validation-split', '0.25');
    // 450 of 600 samples in batches of 50.
    expect(readRun(run).steps).toBe(18);
    const rows = rowsOf(run);
    expect(rows).toHaveLength(2);
    // Accuracies of 150 validation samples, not of the 100 of the test.
    for (const [, , , validation] of rows) {
      expect((validation! * 150) % 1).toBeCloseTo(0, 6);
      expect(validation).not.toBe(readRun(run).test!.accuracy);
    }
  });

  it('trains as many steps as are asked for, and logs every so many without dropout', async () => {
    const run = newRun();
    const said = await train(run, ...workers, '--steps', '17', '--log-every', '5');
    expect(readRun(run)).toMatchObject({ steps: 17, epochs: 2, stoppedBy: 'epochs' });
    expect(rowsOf(run)).toHaveLength(2);
    const logged = [...said.matchAll(/^Step (\d+): accuracy: ([\d.]+) - loss: [\d.]+ \(/gm)];
    expect(logged.map(([, step]) => Number(step))).toEqual([0, 5, 10, 15]);
    expect(Number(logged[3]![2])).toBeGreaterThan(Number(logged[0]![2]));
  });
});

it('two runs of so many steps are one: resumed in the middle of an epoch, with validation split', async () => {
  const options = ['--validation-split', '0.25', '--workers', '0', '--log-every', '4'];
  const whole = newRun();
  await train(whole, ...options, '--steps', '20');
  const halves = newRun();
  await train(halves, ...options, '--steps', '11');
  const { code } = await lockstep(['train', '--resume', halves, '--steps', '20', '--workers', '0']);
  expect(code).toBe(0);
  expect(readRun(halves).weightsSha256).toBe(readRun(whole).weightsSha256);
  expect(rowsOf(halves)).toEqual(rowsOf(whole));
  const other = await lockstep(['train', '--resume', halves, '--validation-split', '0.5']);
  expect(other.stderr).toContain('has validationSplit 0.25, not 0.5');
});

it('refuses a validation split that leaves nothing', async () => {
  const flags = ['--data-dir', data, '--validation-split', '0.9999', '--workers', '0'];
  const { code, stderr } = await lockstep(['train', ...flags, '--run-dir', newRun()]);
  expect(stderr).toContain('leaves 0 of 600 samples');
  expect(code).toBe(2);
});

describe('lockstep data inspect', () => {
  it('says what there is, and shows the first images', async () => {
    const flags = ['--data-dir', data, '--validation-split', '0.25', '--show', '1'];
    const { stdout, code } = await lockstep(['data', 'inspect', ...flags]);
    expect(code).toBe(0);
    expect(stdout).toContain('train images  (450, 28, 28, 1) uint8, 0 to 255, mean ');
    expect(stdout).toContain('validation labels  (150) uint8, 0 to 9');
    expect(stdout).toMatch(/^class +train +validation +test$/m);
    expect(stdout).toMatch(/^train image 0, label 5$/m);
    expect(stdout.split('\n').at(-10)).toMatch(/[@%#]/);
  });

  it('speaks JSON', async () => {
    const { stdout } = await lockstep(['data', 'inspect', '--data-dir', data, '--json']);
    const { trainSize, splits } = JSON.parse(stdout);
    expect(trainSize).toBe(600);
    const counts: number[] = splits.test.classCounts;
    expect(counts.reduce((sum, count) => sum + count)).toBe(100);
  });
});
