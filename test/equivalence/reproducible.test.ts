import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 2_000, 500);
});

const flags = (run: string, ...more: string[]): string[] => [
  ...['train', '--model', 'tiny', '--data-dir', data, '--batch-size', '30', '--epochs', '4'],
  ...['--target-accuracy', 'none', '--run-dir', run, ...more],
];

async function train(...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const { code, stderr } = await lockstep(flags(run, ...more));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return { run, record: readRun(run) };
}

describe('the same seed', () => {
  it.each([
    ['2', 'adam'],
    ['3', 'sgd:momentum=0.9'],
    ['0', 'rmsprop'],
  ])('gives the same weights twice: %s workers, %s', async (workers, optimizer) => {
    const [first, second] = [
      await train('--workers', workers, '--optimizer', optimizer, '--seed', '5'),
      await train('--workers', workers, '--optimizer', optimizer, '--seed', '5'),
    ];
    expect(first.record.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(second.record.weightsSha256).toBe(first.record.weightsSha256);
  });

  it('and another seed gives others', async () => {
    const one = await train('--workers', '2', '--seed', '1');
    const two = await train('--workers', '2', '--seed', '2');
    expect(one.record.weightsSha256).not.toBe(two.record.weightsSha256);
  });
});

describe('interrupt and resume', () => {
  it.each([
    ['SIGINT', '2'],
    ['SIGTERM', '2'],
    ['SIGINT', '0'],
  ] as const)(
    '%s in an epoch on %s workers, then --resume: the same weights',
    async (signal, workers) => {
      const { record: whole, run: wholeRun } = await train('--workers', workers);
      const run = join(temporaryFolder(), 'run');
      // The news of each step come as JSON lines: it is stopped in the middle of the second epoch.
      const running = start(flags(run, '--workers', workers, '--json'));
      await running.until(/"cursor":\{"epoch":1,"step":9\d,/);
      running.process.kill(signal);
      const { code } = await running.ended;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      const stopped = readRun(run);
      expect(stopped).toMatchObject({ stoppedBy: 'signal', exitCode: code, epochs: 1 });
      expect(stopped.weightsSha256).not.toBe(whole.weightsSha256);

      const resumed = await lockstep(['train', '--resume', run, '--workers', workers]);
      expect(resumed.code).toBe(0);
      const record = readRun(run);
      expect(record).toMatchObject({ stoppedBy: 'epochs', epochs: 4, steps: whole.steps });
      expect(record.weightsSha256).toBe(whole.weightsSha256);
      expect(record.config.model).toEqual({ value: 'tiny', source: 'resumed run' });
      const history = (directory: string) => readFileSync(join(directory, 'history.csv'), 'utf8');
      expect(history(run)).toBe(history(wholeRun));
    },
  );

  it.each(['0', '3'])('goes on with the %s workers that it had', async (workers) => {
    const run = join(temporaryFolder(), 'run');
    const running = start(flags(run, '--workers', workers, '--json'));
    await running.until(/"cursor":\{"epoch":0,"step":3\d,/);
    running.process.kill('SIGINT');
    await running.ended;
    const { code, stdout } = await lockstep(['train', '--resume', run]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Run: ${run}`);
    const record = readRun(run);
    expect(record.worldSize).toBe(Math.max(1, Number(workers)));
    expect(record.weightsSha256).toBe((await train('--workers', workers)).record.weightsSha256);
  });

  it('a finished run has nothing left to train, and says the same', async () => {
    const { run, record } = await train('--workers', '0');
    const again = await lockstep(['train', '--resume', run, '--workers', '0']);
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
    const { run, record } = await train('--workers', '2', '--learning-rate', '0.002');
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
