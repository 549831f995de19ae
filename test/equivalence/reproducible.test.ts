import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { once } from '../support/once.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 2_000, 500);
});

const flags = (run: string, ...more: string[]): string[] => [
  ...['train', '--model', 'tiny', '--data-dir', data, '--batch-size', '30', '--epochs', '4'],
  ...['--target-accuracy', 'none', '--learning-rate', '0.002', '--run-dir', run],
  // On a busy machine a measurement may prefer another all-reduce, and three ranks then round otherwise.
  ...['--deterministic', ...more],
];

async function train(...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const { code, stderr } = await lockstep(flags(run, ...more));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return { run, record: readRun(run) };
}

/** A run in which nothing happens. */
const whole = once(train);

/** By the number of workers, each with another optimizer. */
const words: Readonly<Record<'0' | '2' | '3', readonly string[]>> = {
  0: ['--workers', '0', '--optimizer', 'rmsprop'],
  2: ['--workers', '2', '--optimizer', 'adam'],
  3: ['--workers', '3', '--optimizer', 'sgd:momentum=0.9'],
};

describe('the same seed', () => {
  it.each(['0', '2', '3'] as const)('gives the same weights twice: %s workers', async (workers) => {
    const first = await whole(...words[workers]);
    expect(first.record.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    const second = await train(...words[workers]);
    expect(second.record.weightsSha256).toBe(first.record.weightsSha256);
  });

  it('and another seed gives others', async () => {
    const one = await whole(...words[2]);
    const two = await train(...words[2], '--seed', '2');
    expect(one.record.weightsSha256).not.toBe(two.record.weightsSha256);
  });
});

describe('interrupt and resume', () => {
  it.each([
    ['SIGINT', '0', [], /"cursor":\{"epoch":0,"step":3\d,/],
    ['SIGINT', '2', ['--workers', '2'], /"cursor":\{"epoch":1,"step":9\d,/],
    ['SIGTERM', '3', [], /"cursor":\{"epoch":1,"step":9\d,/],
  ] as const)(
    '%s in an epoch on %s workers, then --resume %j: the same weights, on as many workers',
    async (signal, workers, more, moment) => {
      const { record: undisturbed, run: wholeRun } = await whole(...words[workers]);
      const run = join(temporaryFolder(), 'run');
      // The news of each step come as JSON lines: it is stopped in the middle of an epoch.
      const running = start(flags(run, ...words[workers], '--json'));
      await running.until(moment);
      running.process.kill(signal);
      const { code } = await running.ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      const stopped = readRun(run);
      expect(stopped).toMatchObject({ stoppedBy: 'signal', exitCode: code });
      expect(stopped.epochs).toBe(workers === '0' ? 0 : 1);
      expect(stopped.weightsSha256).not.toBe(undisturbed.weightsSha256);

      const resumed = await lockstep(['train', '--resume', run, ...more]);
      expect(resumed.code).toBe(0);
      expect(resumed.stdout).toContain(`Run: ${run}`);
      const record = readRun(run);
      expect(record).toMatchObject({ stoppedBy: 'epochs', epochs: 4, steps: undisturbed.steps });
      expect(record.worldSize).toBe(Math.max(1, Number(workers)));
      expect(record.weightsSha256).toBe(undisturbed.weightsSha256);
      expect(record.config.model).toEqual({ value: 'tiny', source: 'resumed run' });
      const history = (directory: string) => readFileSync(join(directory, 'history.csv'), 'utf8');
      expect(history(run)).toBe(history(wholeRun));
    },
  );

  it('a finished run has nothing left to train, and says the same', async () => {
    const { run: finished, record } = await whole(...words[0]);
    const run = join(temporaryFolder(), 'run');
    cpSync(finished, run, { recursive: true });
    const again = await lockstep(['train', '--resume', run]);
    expect(again.code).toBe(0);
    expect(readRun(run)).toMatchObject({
      steps: record.steps,
      weightsSha256: record.weightsSha256,
    });
  });
});

describe('early stopping', () => {
  it('puts the best weights back, in the ranks and in the checkpoint', async () => {
    // Lowest is best, so that accuracy only gets worse: the first epoch stays the best one.
    const worse = 'monitor=accuracy,mode=min,patience=2,restoreBestWeights=true';
    const { record } = await train('--workers', '2', '--early-stopping', worse);
    const { record: first } = await train('--workers', '2', '--epochs', '1');
    expect(record).toMatchObject({ stoppedBy: 'early-stop', epochs: 3 });
    expect(record.weightsSha256).toBe(first.weightsSha256);
    expect(record.test).toEqual(first.test);
  });
});

describe('the run directory', () => {
  it('of a run that goes on is refused to a second coordinator', async () => {
    const run = join(temporaryFolder(), 'run');
    const running = start(flags(run, '--workers', '0', '--json'));
    await running.until(/"step":9,/);
    const { code, stderr } = await lockstep(['train', '--resume', run]);
    expect(stderr).toContain('still running');
    expect(code).toBe(10);
    running.process.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });

  it('tells what was run, where, and how it went', async () => {
    const { run, record } = await whole(...words[2]);
    expect(record).toMatchObject({
      engine: expect.any(String),
      worldSize: 2,
      epochs: 4,
      steps: 4 * 67,
      stoppedBy: 'epochs',
      exitCode: 0,
      error: null,
    });
    expect(record.config.learningRate).toEqual({ value: 0.002, source: 'flag' });
    expect(record.config.seed).toEqual({ value: 1, source: 'default' });
    expect(record.imagesPerSecond).toBeGreaterThan(0);
    expect(record.metrics?.accuracy).toBeGreaterThan(0.8);
    expect(record.test?.accuracy).toBeGreaterThan(0.7);
    expect(record.processes.map(({ role, rank }) => [role, rank])).toEqual([
      ['coordinator', null],
      ['worker', 0],
      ['worker', 1],
    ]);
    const pids = new Set(record.processes.map(({ pid }) => pid));
    expect(pids.size).toBe(3);
    const rows = readFileSync(join(run, 'history.csv'), 'utf8').trim().split('\n');
    expect(rows[0]).toBe('epoch,accuracy,loss,val_accuracy,val_loss');
    expect(rows).toHaveLength(5);
    for (const row of rows.slice(1)) expect(row).toMatch(/^\d(,\d[\d.e-]*){4}$/);
    expect(readdirSync(join(run, 'logs')).sort()).toEqual(
      expect.arrayContaining(['worker-0.log', 'worker-1.log']),
    );
    expect(readdirSync(join(run, 'checkpoints')).filter((f) => f.startsWith('epoch'))).toHaveLength(
      3,
    );
  });
});
