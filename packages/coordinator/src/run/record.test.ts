import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { News } from '../machine/commands.js';
import type { Member, Outcome } from '../machine/state.js';
import { RunRecorder } from './record.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'record-'));
});
const made: RunRecorder[] = [];
afterEach(async () => {
  // What is still being written would be written into what is being removed.
  for (const each of made.splice(0)) await each.end(outcome);
  rmSync(directory, { recursive: true });
});

const outcome: Outcome = {
  stoppedBy: 'error',
  message: 'gone',
  code: 'WORKER_LOST',
  hint: null,
  signal: null,
  slots: [],
};

const member = (rank: number): Member => ({
  ...{ peer: `p${rank}`, host: 'h', pid: 10 + rank, engine: 'cpu', device: 'cpu', slot: rank },
  ...{ ready: null, rank, lastStep: 0, leaving: false, strays: 0, welcomedAt: 0 },
});
const cursor = (step: number) => ({ epoch: 0, step, position: 32 * step });
const saved = (step: number): News => ({
  news: 'saved',
  file: `runs/r/checkpoints/step-${step}.ckpt`,
  step,
  weightsSha256: 'a',
});
const recorder = () => {
  const each = new RunRecorder({
    directory,
    runId: 'r',
    version: '0.1.0',
    config: {},
    resumed: null,
  });
  made.push(each);
  return each;
};

const begun = async (): Promise<RunRecorder> => {
  const made = recorder();
  await made.begin();
  const members = [member(0), member(1)];
  made.observe({ news: 'started', members, cursor: cursor(0) });
  made.observe({ news: 'step', cursor: cursor(4), samples: 32, logs: { loss: 1 }, times: [] });
  return made;
};

it('counts the step in which a rank was lost, where another one has applied it', async () => {
  const made = await begun();
  made.observe(saved(5));
  expect(made.record).toMatchObject({ steps: 5, checkpoint: 'checkpoints/step-5.ckpt' });
});

it('tells who was there from which step on', async () => {
  const made = await begun();
  const members = [{ ...member(1), rank: 0 }];
  made.observe({
    news: 'regrouped',
    generation: 2,
    members,
    cursor: cursor(5),
    why: 'Lost rank 0',
  });
  expect(made.record).toMatchObject({
    steps: 5,
    worldSize: 1,
    processes: [{ role: 'coordinator' }, { role: 'worker', rank: 0, pid: 11 }],
    regroupings: [
      { generation: 2, step: 5, why: 'Lost rank 0', workers: [{ host: 'h', pid: 11 }] },
    ],
  });
});

it('is in the file when the run has ended', async () => {
  const made = await begun();
  await made.end(outcome);
  const written = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'));
  expect(written).toMatchObject({ stoppedBy: 'error', exitCode: 7, steps: 4, runId: 'r' });
});

it('goes back neither in steps nor in weights for a checkpoint that was taken before', async () => {
  const made = await begun();
  made.observe({ news: 'hash', weightsSha256: 'b', step: 4 });
  made.observe(saved(3));
  expect(made.record).toMatchObject({
    ...{ steps: 4, weightsSha256: 'b', checkpoint: 'checkpoints/step-3.ckpt' },
  });
});
