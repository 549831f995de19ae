import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import {
  eventually,
  isAlive,
  lockstep,
  type Running,
  readRun,
  start,
  temporaryFolder,
} from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 4_000, 200);
});

const flags = (): string[] => [
  ...['--model', 'tiny', '--data-dir', data, '--batch-size', '30', '--epochs', '100'],
  ...['--target-accuracy', 'none', '--json'],
];

/** Local cluster, training: resolves when some steps are done. */
async function training(...more: string[]): Promise<{ run: string; running: Running }> {
  const run = join(temporaryFolder(), 'run');
  const running = start(['train', '--workers', '2', '--run-dir', run, ...flags(), ...more]);
  await running.until(/"step":4\d,/);
  return { run, running };
}

const pidsOf = (run: string): number[] => readRun(run).processes.map(({ pid }) => pid);
const pidOfRank = (run: string, rank: number): number =>
  readRun(run).processes.find((process) => process.rank === rank)!.pid;

describe('a lost worker ends the run, by name, with a checkpoint', () => {
  it.each([0, 1])('kill -9 of rank %i', async (rank) => {
    const { run, running } = await training();
    const pid = pidOfRank(run, rank);
    process.kill(pid, 'SIGKILL');
    const { code, stdout } = await running.ended;
    expect(code).toBe(7);
    expect(stdout).toContain('WORKER_LOST');
    const record = readRun(run);
    expect(record).toMatchObject({
      stoppedBy: 'error',
      exitCode: 7,
      error: { code: 'WORKER_LOST' },
    });
    expect(record.error?.message).toMatch(
      new RegExp(`rank ${rank} \\(host ${hostname()}, pid ${pid}\\), last step \\d+`),
    );
    // The survivor's state is saved: at the last step, not at the last epoch.
    expect(record.checkpoint).toMatch(new RegExp(`step-0*${record.steps}\\.ckpt$`));
    expect(readdirSync(join(run, 'checkpoints'))).toContain(record.checkpoint?.split('/')[1]);
    expect(pidsOf(run).filter(isAlive)).toEqual([]);
    const resumed = await lockstep(['train', '--resume', run, '--epochs', '2', '--workers', '1']);
    expect(resumed.code).toBe(0);
  });

  it('a worker that is stopped (SIGSTOP) and never says another word', async () => {
    const { run, running } = await training('--heartbeat-timeout', '1', '--step-timeout', '3');
    const pid = pidOfRank(run, 1);
    process.kill(pid, 'SIGSTOP');
    const { code } = await running.ended;
    expect(code).toBe(7);
    expect(readRun(run).error?.message).toMatch(/rank 1 /);
    expect(pidsOf(run).filter(isAlive)).toEqual([]);
  });

  it.each(['shared-memory', 'ring', 'star'])(
    'a worker that is stopped among others, alone: those that wait for it are not lost (%s)',
    async (allReduce) => {
      // A long heartbeat: it is the step's deadline that finds it, with everybody standing still.
      const { run, running } = await training(
        ...['--workers', '3', '--all-reduce', allReduce],
        ...['--heartbeat-timeout', '60', '--step-timeout', '3'],
      );
      process.kill(pidOfRank(run, 1), 'SIGSTOP');
      expect((await running.ended).code).toBe(7);
      const record = readRun(run);
      expect(record.error?.message).toMatch(
        /^Lost rank 1 \([^;]*: no gradient of step \d+ within 3 s$/,
      );
      // The survivors gave up the step that they were in, and one of them gave its state.
      expect(record.checkpoint).toMatch(new RegExp(`step-0*${record.steps}\\.ckpt$`));
      expect(record.steps).toBeGreaterThanOrEqual(40);
      expect(pidsOf(run).filter(isAlive)).toEqual([]);
    },
  );

  it('that had its part of the optimizer: what is left is the last checkpoint', async () => {
    const { run, running } = await training('--shard-optimizer', '--checkpoint-steps', '20');
    process.kill(pidOfRank(run, 1), 'SIGKILL');
    expect((await running.ended).code).toBe(7);
    const { error, checkpoint } = readRun(run);
    expect(error?.message).toContain('rank 1 ');
    expect(error?.hint).toMatch(/the last checkpoint is of step \d+, \d+ steps? before/);
    expect(checkpoint).toMatch(/step-0*(20|40|60|80)\.ckpt$/);
    const resumed = await lockstep(['train', '--resume', run, '--epochs', '1', '--workers', '3']);
    expect(resumed.code).toBe(0);
  });
});

/** Where the engine does not matter, one that is there at once. */
const light = ['--engine', 'wasm'];

describe('the coordinator', () => {
  it('is killed: its local workers end, too', async () => {
    const { run, running } = await training(...light);
    const pids = pidsOf(run);
    running.process.kill('SIGKILL');
    await running.ended;
    await eventually(() => pids.filter(isAlive).length === 0);
  });

  it('is killed: a remote worker says whom it lost', async () => {
    const run = join(temporaryFolder(), 'run');
    const coordinator = start(['coordinator', '--workers', '1', '--run-dir', run, ...flags()]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const worker = start([
      ...['worker', '--connect', address!],
      ...['--silence-timeout', '2', '--reconnect-timeout', 'none'],
    ]);
    await coordinator.until(/"step":2\d,/);
    coordinator.process.kill('SIGKILL');
    const { code, stderr } = await worker.ended;
    expect(code).toBe(5);
    expect(stderr).toContain('COORDINATOR_UNREACHABLE');
  });

  it('ends at once when Ctrl-C comes twice, and leaves no process behind', async () => {
    const { run, running } = await training(...light);
    const pids = pidsOf(run);
    process.kill(pidOfRank(run, 0), 'SIGSTOP');
    running.process.kill('SIGINT');
    await running.until(/Once more/);
    running.process.kill('SIGINT');
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(readRun(run)).toMatchObject({ stoppedBy: 'signal', exitCode: 130 });
    await eventually(() => pids.filter(isAlive).length === 0);
  });
});

describe('a whole process group', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that gets %s stops cleanly, with a checkpoint', async (signal, exitCode) => {
    const { run, running } = await training(...light);
    // The workers first, as the last to be asked: they obey their coordinator alone.
    for (const pid of pidsOf(run).reverse()) process.kill(pid, signal);
    const { code } = await running.ended;
    expect(code).toBe(exitCode);
    const record = readRun(run);
    expect(record.checkpoint).toMatch(new RegExp(`step-0*${record.steps}\\.ckpt$`));
  });
});

describe('a worker on its own', () => {
  it('leaves when its user stops it, and the coordinator says who left', async () => {
    const run = join(temporaryFolder(), 'run');
    const coordinator = start(['coordinator', '--workers', '2', '--run-dir', run, ...flags()]);
    const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    const workers = [1, 2].map(() => start(['worker', '--connect', address!]));
    await coordinator.until(/"step":2\d,/);
    workers[0]!.process.kill('SIGINT');
    expect((await workers[0]!.ended).code).toBe(130);
    expect((await coordinator.ended).code).toBe(7);
    expect((await workers[1]!.ended).code).toBe(7);
    expect(readRun(run).error?.message).toContain('SIGINT');
  });
});
