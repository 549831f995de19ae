import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '@lockstep/coordinator';
import { LockstepError, optimizerConfigSchema } from '@lockstep/core';
import { type Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import type { Engine, LoadedModel } from '@lockstep/worker';

export interface LoadedRun {
  readonly record: RunRecord;
  readonly checkpoint: Checkpoint;
  /** Where the checkpoint was read from. */
  readonly file: string;
}

/**
 * Reads a run and one of its checkpoints.
 *
 * @param which `newest` (the newest whole one), `best`, or a file
 * @param warn is told of each newer checkpoint that was not whole
 * @throws RUN_DIRECTORY when there is no run in the directory, CHECKPOINT_CORRUPT when it has no such
 *   checkpoint or none that is whole
 */
export async function loadRun(
  directory: string,
  which: string,
  warn: (message: string) => void,
): Promise<LoadedRun> {
  const record = await readRecord(directory);
  const store = new CheckpointStore(join(directory, 'checkpoints'));
  if (which === 'newest') {
    const { checkpoint, file, skipped } = await store.newest();
    for (const { reason } of skipped) warn(`skipped a checkpoint: ${reason}`);
    return { record, checkpoint, file };
  }
  if (which !== 'best') return { record, checkpoint: await store.load(which), file: which };
  const best = await store.best();
  if (best !== undefined) return { record, ...best };
  throw new LockstepError('CHECKPOINT_CORRUPT', `the run in ${directory} has no best checkpoint`, {
    hint: 'Train with --save-best, or use --checkpoint newest.',
  });
}

async function readRecord(directory: string): Promise<RunRecord> {
  const file = join(directory, 'run.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunRecord;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError(
      'RUN_DIRECTORY',
      `${directory} is not the directory of a run: ${reason}`,
      {
        hint: 'Give the directory that the run printed, with run.json and checkpoints/ in it.',
        cause,
      },
    );
  }
}

/** The network of a checkpoint, with its weights, on an engine. */
export async function loadModel(
  engine: Engine,
  { header, weights, optimizer }: Checkpoint,
  imageShape: readonly [number, number, number],
): Promise<LoadedModel> {
  const config = optimizerConfigSchema.parse(header.config.optimizer);
  const model = await engine.load(header.model, {
    seed: header.seed,
    optimizer: config,
    imageShape,
  });
  await model.writeState({ weights, optimizer });
  return model;
}
