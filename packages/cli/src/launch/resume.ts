import type { Sourced } from '@lockstep/coordinator';
import { LockstepError } from '@lockstep/core';
import { type Checkpoint, CheckpointStore } from '@lockstep/core/checkpoint';
import type { TrainOptions } from '../options/options.js';
import { openRunDirectory, type RunDirectory } from './runDirectory.js';
import type { RunLock } from './runLock.js';

/** What the weights depend on: the same in the resumed run, or it would be another run. */
const fixed = [
  'model',
  'loss',
  'metrics',
  'dataset',
  'batchSize',
  'optimizer',
  'learningRate',
  'precision',
  'compression',
  'scaleLearningRate',
  'warmupEpochs',
  'seed',
  'validationSplit',
] as const;
/** What runs had from before there was a choice. */
const former: Readonly<Partial<Record<(typeof fixed)[number], unknown>>> = {
  loss: null,
  metrics: [],
  precision: 'float32',
  compression: 'none',
  scaleLearningRate: false,
  warmupEpochs: 0,
  validationSplit: null,
};
/** Given anew, these may mean that a finished run has something left to train. */
const reopening = ['epochs', 'steps', 'targetAccuracy', 'earlyStopping'] as const;
/** Of the process, not of the run: never taken from the run that is resumed. */
const perProcess = ['resume', 'runDir', 'profile', 'report', 'json', 'verbose', 'listen'];

export interface ResumedRun {
  /** As the user wrote it. */
  readonly path: string;
  readonly options: TrainOptions;
  readonly sources: Record<string, Sourced>;
  readonly directory: RunDirectory;
  readonly checkpoint: Checkpoint;
  readonly file: string;
  /** Newer checkpoints that were not whole. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Opens a run to go on with it: its configuration holds, but for what the command line says otherwise.
 *
 * @throws CHECKPOINT_MISMATCH when a flag would change what the weights depend on
 */
export async function resumeRun(
  path: string,
  options: TrainOptions,
  sources: Readonly<Record<string, Sourced>>,
  lock: RunLock,
): Promise<ResumedRun> {
  const directory = await openRunDirectory(path, lock);
  const store = new CheckpointStore(directory.checkpoints, { keepLast: options.keepCheckpoints });
  const { checkpoint, file, skipped } = await store.newest();
  const saved = checkpoint.header.config as Record<string, unknown>;
  const given = (key: string): boolean => (sources[key]?.source ?? 'default') !== 'default';
  for (const key of fixed) {
    const value = key === 'learningRate' ? options.optimizer.learningRate : options[key];
    if (given(key) && JSON.stringify(value) !== JSON.stringify(savedValue(saved, key))) {
      throw new LockstepError(
        'CHECKPOINT_MISMATCH',
        `the run in ${path} has ${key} ${JSON.stringify(savedValue(saved, key))}, not ${JSON.stringify(value)}`,
        { hint: 'Leave the flag out to go on with the run, or start a new one.' },
      );
    }
  }
  const kept = Object.keys(saved).filter((key) => !given(key) && !perProcess.includes(key));
  const taken = Object.fromEntries(kept.map((key) => [key, saved[key]]));
  const merged = {
    ...options,
    ...taken,
    ...(given('steps') && !given('epochs') ? { epochs: null } : {}),
    optimizer: saved.optimizer,
  } as TrainOptions;
  const noted = kept.map((key) => [key, { value: saved[key], source: 'resumed run' }] as const);
  const reopened = reopening.some(given) && checkpoint.header.finished !== null;
  return {
    path,
    options: merged,
    sources: { ...sources, ...Object.fromEntries(noted) },
    directory,
    checkpoint: reopened
      ? { ...checkpoint, header: { ...checkpoint.header, finished: null } }
      : checkpoint,
    file,
    skipped,
  };
}

function savedValue(saved: Record<string, unknown>, key: (typeof fixed)[number]): unknown {
  if (key === 'learningRate') return (saved.optimizer as { learningRate: number }).learningRate;
  return saved[key] ?? former[key];
}
