import type { Settings } from '@lockstep/coordinator';
import { hashOfJson } from '@lockstep/core';
import { type Callback, ModelCheckpoint } from '@lockstep/core/callbacks';
import { type Dataset, stepCount } from '@lockstep/core/data';
import { type ModelSpec, modelHash } from '@lockstep/core/model';
import type { TrainOptions } from '../options/options.js';

/** How often workers hear from the coordinator. */
const pingIntervalMs = 1_000;
/** How long a rank may take for one answer, where nothing was said of it. */
export const usualStepTimeoutMs = 60_000;
/** How often ranks that add up among themselves report, where nothing hangs on each step; see decision 29. */
const reportMs = 100;
/** The first steps are slower: engines warm up. */
const reportAfter = 20;
/** How long a callback or the disk may take at a step boundary. */
const boundaryTimeoutMs = 300_000;

/** Epochs to train: no more than the steps take, where their number is given. */
export function epochsOf(
  { epochs, steps, batchSize }: TrainOptions,
  { description: { trainSize } }: Dataset,
): number {
  const needed =
    steps === null ? Number.POSITIVE_INFINITY : Math.ceil(steps / stepCount(trainSize, batchSize));
  return Math.min(epochs ?? Number.POSITIVE_INFINITY, needed);
}

/** The machine's settings from the options of the command line. */
export function settingsOf(
  options: TrainOptions,
  model: ModelSpec,
  dataset: Dataset,
  run: string,
  fallback: Settings['fallback'],
  callbacks: readonly Callback[],
): Settings {
  const { batchSize, steps, logEvery, seed, optimizer, engine } = options;
  const { checkpointSteps, checkpointMs } = options;
  const { onNaN, deterministic, allReduce, compression, accumulate, shardOptimizer } = options;
  const { scaleLearningRate, warmupEpochs } = options;
  const { precision, joinTimeoutMs, stepTimeoutMs } = options;
  const hashes = { modelHash: modelHash(model), datasetHash: dataset.description.hash };
  return {
    run,
    workers: Math.max(1, options.workers),
    minWorkers: Math.max(1, options.minWorkers),
    rejoinTimeoutMs: options.rejoinTimeoutMs,
    // Without processes of their own there is nothing to start again.
    maxRestarts: options.workers === 0 ? 0 : options.maxRestarts,
    onNaN,
    engine,
    seed,
    batchSize,
    epochs: epochsOf(options, dataset),
    steps,
    logEvery,
    optimizer,
    precision,
    deterministic,
    allReduce,
    compression,
    accumulate,
    shardOptimizer,
    scaleLearningRate,
    warmUpEpochs: warmupEpochs,
    model,
    modelHash: hashes.modelHash,
    dataset: dataset.description,
    // What the weights depend on beyond rounding: who averages how, and how many there are, is not in it.
    configHash: hashOfJson({
      ...hashes,
      batchSize,
      seed,
      optimizer,
      precision,
      compression,
      scaleLearningRate,
      warmupEpochs,
      // Other samples to train with; left out where there is none, as it was before there was a choice.
      ...(options.validationSplit === null ? {} : { validationSplit: options.validationSplit }),
    }),
    validation: options.validationSplit === null ? options.validation : 'split',
    checkpointSteps,
    checkpointMs,
    fallback,
    joinTimeoutMs,
    stepTimeoutMs: stepTimeoutMs ?? usualStepTimeoutMs,
    adaptStepTimeout: stepTimeoutMs === null,
    boundaryTimeoutMs,
    pingIntervalMs,
    // Whoever may stop the ranks at a step is to see it before the next one is applied.
    reportMs: onNaN !== 'stop' || callbacks.some(seesSteps) ? 0 : reportMs,
    reportAfter,
  };
}

const seesSteps = (callback: Callback): boolean =>
  callback.onStepEnd !== undefined &&
  !(callback instanceof ModelCheckpoint && callback.savesByEpoch);
