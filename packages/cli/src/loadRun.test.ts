import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOf, sha256 } from '@lockstep/core';
import { type Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import { modelHash, zoo } from '@lockstep/core/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRun } from './loadRun.js';

let directory: string;
let store: CheckpointStore;
let warnings: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-run-'));
  store = new CheckpointStore(join(directory, 'checkpoints'));
  warnings = [];
  await writeFile(join(directory, 'run.json'), '{"runId":"r"}');
});
afterEach(() => rm(directory, { recursive: true }));

function checkpoint(step: number): Checkpoint {
  const weights = Float32Array.from([step, 1]);
  const model = zoo.tiny!;
  return {
    header: {
      lockstepVersion: '0.1.0',
      createdAt: '2026-01-01T00:00:00.000Z',
      runId: 'r',
      cursor: { epoch: 1, step, position: 0 },
      seed: 1,
      learningRate: 0.1,
      epochSums: {},
      history: [],
      callbacks: null,
      model,
      modelHash: modelHash(model),
      datasetHash: sha256('data'),
      config: {},
      parameters: [{ name: 'w', shape: [2], trainable: true }],
      worldSize: 1,
      collective: 'single',
      finished: null,
      weightsSha256: sha256(bytesOf(weights)),
    } as Checkpoint['header'],
    weights,
    optimizer: { iterations: step, slots: {} },
  };
}

async function load(which: string) {
  const run = await loadRun(directory, which, (message) => warnings.push(message));
  return { step: run.checkpoint.header.cursor.step, file: run.file, runId: run.record.runId };
}

describe('loadRun', () => {
  it('takes the newest whole checkpoint, and says which it skipped', async () => {
    const older = await store.save(checkpoint(1));
    const newer = await store.save(checkpoint(2));
    expect(await load('newest')).toEqual({ step: 2, file: newer.file, runId: 'r' });
    expect(warnings).toEqual([]);

    await truncate(newer.file, 100);
    expect(await load('newest')).toEqual({ step: 1, file: older.file, runId: 'r' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`skipped a checkpoint: ${newer.file} `);
  });

  it('takes the best one, or a file', async () => {
    const best = await store.save(checkpoint(1), { best: true });
    await store.save(checkpoint(2));
    expect((await load('best')).step).toBe(1);
    expect(await load(best.file)).toMatchObject({ step: 1, file: best.file });
  });

  it('says when there is no best one', async () => {
    await store.save(checkpoint(1));
    const hint = 'Train with --save-best, or use --checkpoint newest.';
    await expect(load('best')).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT', hint });
  });

  it('refuses a directory without a run, and a run without a checkpoint', async () => {
    await expect(load('newest')).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    const empty = join(directory, 'empty');
    await mkdir(empty);
    for (const path of [empty, join(directory, 'missing'), join(directory, 'run.json')]) {
      await expect(loadRun(path, 'newest', () => undefined)).rejects.toMatchObject({
        code: 'RUN_DIRECTORY',
        message: expect.stringContaining(`${path} is not the directory of a run`),
      });
    }
  });
});
