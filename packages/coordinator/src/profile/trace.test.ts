import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockstepError } from '@lockstep/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Profile } from './profile.js';
import type { StepTimes } from './stepTimes.js';
import { rowNames, stepEvents } from './traceEvents.js';
import { TraceFile } from './traceFile.js';

const times: StepTimes = {
  begin: 5_000,
  load: 10,
  compute: 200,
  wait: 0,
  reduce: 30,
  barrier: 4,
  apply: 50,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-trace-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('draws the phases of a step one after the other, in microseconds', () => {
  const drawn = stepEvents(3, 17, times).map(({ name, ts, dur }) => [name, ts, dur]);
  expect(drawn).toEqual([
    ['load', 5_000, 10],
    ['forward + backward', 5_010, 200],
    ['reduce', 5_210, 30],
    ['barrier', 5_240, 4],
    ['apply', 5_244, 50],
  ]);
  expect(stepEvents(3, 17, times)[0]).toMatchObject({
    ph: 'X',
    pid: 1,
    tid: 3,
    args: { step: 17 },
  });
});

it('names the run and the ranks', () => {
  const named = rowNames('mnist-1', [{ rank: 0, host: 'a', pid: 12 }]);
  expect(named.map(({ ph, tid, args }) => [ph, tid, args])).toEqual([
    ['M', 0, { name: 'mnist-1' }],
    ['M', 0, { name: 'rank 0 (a, pid 12)' }],
    ['M', 0, { sort_index: 0 }],
  ]);
});

it('streams all events, as one array of JSON', async () => {
  const file = join(folder, 'profile.json');
  const trace = new TraceFile(file, (failure) => expect.fail(failure.message));
  const written = Array.from({ length: 500 }, (_, step) => stepEvents(0, step, times));
  for (const events of written) trace.write(events);
  await trace.close();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(written.flat());
});

it('is an array without elements when nothing came', async () => {
  const file = join(folder, 'profile.json');
  await new TraceFile(file, (failure) => expect.fail(failure.message)).close();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([]);
});

it('has every step of every rank that told of one, and the names of the ranks', async () => {
  const file = join(folder, 'profile.json');
  const profile = new Profile(file, 'r1', (failure) => expect.fail(failure.message));
  const cursor = (step: number) => ({ epoch: 0, step, position: 4 * step });
  const member = { peer: 'p', host: 'a', pid: 1, engine: 'cpu', device: 'cpu', slot: 0 };
  const members = [0, 1].map((rank) => ({
    ...member,
    rank,
    ready: null,
    lastStep: 0,
    leaving: false,
    strays: 0,
    welcomedAt: 0,
  }));
  profile.observe({ news: 'started', members, cursor: cursor(0) });
  const step = { news: 'step', samples: 4, logs: {} } as const;
  profile.observe({ ...step, cursor: cursor(1), times: [null, null] });
  profile.observe({ ...step, cursor: cursor(2), times: [times, null] });
  profile.observe({ ...step, cursor: cursor(3), times: [times, times] });
  await profile.close();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([
    ...rowNames('r1', members),
    ...stepEvents(0, 0, times),
    ...stepEvents(0, 1, times),
    ...stepEvents(1, 1, times),
  ]);
});

it('says once what cannot be written, and stops nobody', async () => {
  const failures: LockstepError[] = [];
  const failed = new Promise<void>((resolve) => {
    const trace = new TraceFile(join(folder, 'missing', 'profile.json'), (failure) => {
      failures.push(failure);
      trace.write(stepEvents(0, 0, times));
      trace.close().then(resolve);
    });
  });
  await failed;
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({
    code: 'RUN_DIRECTORY',
    message: expect.stringContaining('profile.json'),
  });
});
