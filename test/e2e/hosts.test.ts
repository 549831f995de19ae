import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { readRun, start, temporaryFolder } from '../support/lockstep.js';

/** Shared memory of its own is what tells a host, or a container, from another one. */
const onAnotherHost = [
  ...['unshare', '--mount', 'sh', '-c'],
  ...['mount -t tmpfs none /dev/shm && exec "$@"', 'sh'],
];
const [command, ...rest] = onAnotherHost;
const canIsolate = spawnSync(command!, [...rest, 'true']).status === 0;

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 1_000, 200);
});

/** A run with workers on the hosts given, by letters: `aab` is three workers on two hosts. */
async function train(hosts: string, ...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const coordinator = start([
    ...['coordinator', '--workers', `${hosts.length}`, '--run-dir', run, ...more],
    ...['--model', 'tiny', '--batch-size', '31', '--epochs', '1', '--data-dir', data],
    ...['--target-accuracy', 'none'],
  ]);
  const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
  const workers = [...hosts].map((host) =>
    start(
      ['worker', '--connect', address!, '--threads', '1'],
      host === 'a' ? {} : { under: onAnotherHost },
    ),
  );
  const ended = await Promise.all([coordinator, ...workers].map((running) => running.ended));
  return { ended, output: ended[0]!.stdout + ended[0]!.stderr, record: readRun(run) };
}

describe.runIf(canIsolate)('workers on hosts that do not share memory', () => {
  it('add up within their hosts first, and then between them', async () => {
    const { ended, record } = await train(
      'aab',
      ...['--all-reduce', 'hierarchical', '--shard-optimizer', '--compression', 'bfloat16'],
    );
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(record.allReduce?.collective).toBe('hierarchical');
    expect(record.stoppedBy).toBe('epochs');
  });

  it('try that, a ring and the star where some of them share a host', async () => {
    const { ended, output, record } = await train('aba');
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    // Which is the fastest of them is for this machine to say: its network is a loopback.
    expect(record.allReduce?.tried).toMatchObject([
      { name: 'hierarchical', failure: null },
      { name: 'ring', failure: null },
      { name: 'star', failure: null },
    ]);
    expect(output).toMatch(/^All-reduce: .* ms for 207 KB \(/m);
  });

  it('add up around a ring where each is on a host of its own', async () => {
    const { ended, record } = await train('ab');
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(record.allReduce).toMatchObject({
      collective: 'ring',
      why: 'each rank is on a host of its own',
    });
  });

  it('cannot share memory, and say who is where', async () => {
    const { ended, output } = await train('ab', '--all-reduce', 'shared-memory');
    expect(ended.map(({ code }) => code)).toEqual([16, 16, 16]);
    expect(output).toContain('SHARED_MEMORY: --all-reduce shared-memory is for ranks on one host');
    expect(output).toContain('--all-reduce hierarchical, or auto');
  });
});
