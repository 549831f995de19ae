import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '@lockstep/coordinator';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { once } from '../support/once.js';

const recordLosses = fileURLToPath(new URL('../support/recordLosses.ts', import.meta.url));

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 1_000, 200);
});

/** Batches of 31 on three ranks: parts of different sizes, and a short last batch. */
const flags = (run: string, ...more: string[]): string[] => [
  ...['train', '--model', 'tiny', '--data-dir', data, '--batch-size', '31', '--epochs', '2'],
  ...['--target-accuracy', 'none', '--run-dir', run, ...more],
];

interface Trained {
  readonly stdout: string;
  readonly record: RunRecord;
  readonly losses: readonly number[];
}

async function train(...more: string[]): Promise<Trained> {
  const folder = temporaryFolder();
  const run = join(folder, 'run');
  const losses = join(folder, 'losses');
  const words = flags(run, '--callbacks', recordLosses, ...more);
  const { code, stderr, stdout } = await lockstep(words, { env: { LOSSES: losses } });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return {
    stdout,
    record: readRun(run),
    losses: readFileSync(losses, 'utf8').trim().split('\n').map(Number),
  };
}

const trained = once(train);
const three = (allReduce: string, ...more: string[]): Promise<Trained> =>
  trained('--workers', '3', '--all-reduce', allReduce, ...more);

describe('however the ranks average, they train the same', () => {
  it.each([
    ['ring', []],
    ['shared-memory', []],
    ['ring', ['--shard-optimizer']],
    ['shared-memory', ['--shard-optimizer', '--accumulate', '4']],
    ['star', ['--accumulate', '2']],
  ])('%s %j', async (allReduce, more) => {
    const star = await three('star');
    const { losses, record } = await three(allReduce, ...more);
    expect(record.allReduce).toMatchObject({ collective: allReduce, why: 'as --all-reduce asks' });
    expect(losses).toHaveLength(star.losses.length);
    losses.forEach((loss, step) => {
      expect(Math.abs(loss - star.losses[step]!) / star.losses[step]!).toBeLessThan(1e-4);
    });
  });

  it.each(['ring', 'shared-memory'])('%s: the same bits twice', async (allReduce) => {
    const again = await train('--workers', '3', '--all-reduce', allReduce);
    expect(again.record.weightsSha256).toBe((await three(allReduce)).record.weightsSha256);
  });

  it('less of a gradient still trains', async () => {
    const star = await three('star');
    const { losses, record } = await three('ring', '--compression', 'bfloat16');
    expect(record.allReduce?.collective).toBe('ring');
    expect(losses).not.toEqual(star.losses);
    expect(Math.abs(losses.at(-1)! - star.losses.at(-1)!)).toBeLessThan(0.05);
  });
});

describe('auto', () => {
  it('takes shared memory on one host, and says so', async () => {
    const { record, stdout } = await train('--workers', '2');
    expect(record.allReduce).toMatchObject({
      collective: 'shared-memory',
      why: 'all ranks are on one host',
      tried: [{ name: 'shared-memory' }, { name: 'ring' }, { name: 'star' }],
    });
    expect(stdout).toMatch(
      /^All-reduce: shared-memory, [\d.]+ ms for 207 KB \(ring [\d.]+ ms, star [\d.]+ ms\): all ranks are on one host\.$/m,
    );
  });
});

describe('interrupt and resume', () => {
  it.each([
    ['shared-memory', []],
    ['ring', ['--shard-optimizer']],
  ])('with %s %j goes on to the same bits, by the same algorithm', async (allReduce, more) => {
    // Long enough for Ctrl-C to come before the end: quick steps are reported many at once.
    const longer = ['--epochs', '8', ...more];
    const whole = await three(allReduce, ...longer);
    const run = join(temporaryFolder(), 'run');
    const words = ['--workers', '3', '--all-reduce', allReduce, ...longer];
    const running = start(flags(run, '--json', ...words));
    await running.until(/"cursor":\{"epoch":1,"step":4\d,/);
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    // It need not measure again, nor may it: what the run did before holds.
    const resumed = await lockstep(['train', '--resume', run, '--all-reduce', 'auto']);
    expect(resumed.code).toBe(0);
    const record = readRun(run);
    expect(record.allReduce).toMatchObject({
      collective: allReduce,
      tried: [],
      why: 'as before in this run',
    });
    expect(record.weightsSha256).toBe(whole.record.weightsSha256);
  });
});

describe('a scaled learning rate', () => {
  it('rises from the unscaled one to that of all workers', async () => {
    const run = join(temporaryFolder(), 'run');
    const words = ['--workers', '2', '--learning-rate', '0.01', '--scale-learning-rate'];
    const { code, stdout } = await lockstep(
      flags(run, '--json', ...words, '--warmup-epochs', '1', '--epochs', '3'),
    );
    expect(code).toBe(0);
    const told = stdout
      .split('\n')
      .filter((line) => line.includes('"news":"training"'))
      .map((line) => JSON.parse(line))
      // Each epoch's beginning; within one they are told again how often to report.
      .filter(({ cursor }) => cursor.position === 0)
      .map(({ learningRate }) => learningRate);
    expect(told).toEqual([0.01, 0.02, 0.02]);
  });
});
