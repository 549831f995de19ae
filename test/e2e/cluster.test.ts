import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 1_000, 200);
});

/** The order in which a sum's parts are added depends on them: the same bits need the same threads. */
const oneThread = ['--threads', '1'];

const flags = (run: string): string[] => [
  ...oneThread,
  ...['--model', 'tiny', '--batch-size', '30', '--epochs', '2', '--target-accuracy', 'none'],
  ...['--data-dir', data, '--run-dir', run],
];

/** A coordinator and its workers as a user starts them on several machines. */
async function cluster(workers: number, workerFlags: string[]) {
  const run = join(temporaryFolder(), 'run');
  const coordinator = start(['coordinator', '--workers', `${workers}`, ...flags(run)]);
  const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
  const started = Array.from({ length: workers }, () =>
    start(['worker', '--connect', address!, ...oneThread, ...workerFlags]),
  );
  const ended = await Promise.all([coordinator, ...started].map((running) => running.ended));
  return { run, ended, record: readRun(run) };
}

describe('coordinator and workers, started one by one', () => {
  it('train the same weights as `train`, wherever the samples come from', async () => {
    const local = join(temporaryFolder(), 'run');
    expect((await lockstep(['train', '--workers', '2', ...flags(local)])).code).toBe(0);
    // Without --data-dir a worker finds only the whole of MNIST, which has other bytes.
    const remote = await cluster(2, []);
    const own = await cluster(2, ['--data-dir', data]);
    for (const { ended, record } of [remote, own]) {
      expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(record.weightsSha256).toBe(readRun(local).weightsSha256);
    }
    expect(remote.ended[1]?.stdout).toContain('from the coordinator');
    expect(own.ended[1]?.stdout).toContain('local');
  });

  it('workers may be there before the coordinator', async () => {
    const run = join(temporaryFolder(), 'run');
    const first = start(['coordinator', '--workers', '1', ...flags(join(temporaryFolder(), 'x'))]);
    const [, address] = await first.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
    first.process.kill('SIGINT');
    await first.ended;
    const worker = start(['worker', '--connect', address!]);
    await worker.until(/connecting/);
    const coordinator = start([
      'coordinator',
      '--listen',
      address!,
      '--workers',
      '1',
      ...flags(run),
    ]);
    expect((await coordinator.ended).code).toBe(0);
    expect((await worker.ended).code).toBe(0);
  });

  it('without any worker the coordinator trains alone, and says so', async () => {
    const run = join(temporaryFolder(), 'run');
    const { code, stdout, stderr } = await lockstep([
      ...['coordinator', '--workers', '2', '--join-timeout', '1', ...flags(run)],
    ]);
    expect(stdout + stderr).toContain('training alone');
    expect(code).toBe(0);
    expect(readRun(run)).toMatchObject({ worldSize: 1, stoppedBy: 'epochs' });
  });

  it('or fails, with --fallback fail', async () => {
    const run = join(temporaryFolder(), 'run');
    const { code, stderr } = await lockstep([
      ...['coordinator', '--workers', '2', '--join-timeout', '1', '--fallback', 'fail'],
      ...flags(run),
    ]);
    expect(code).toBe(8);
    expect(stderr).toContain('0 of 2 workers joined');
  });
});
