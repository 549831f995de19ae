import type { Settings } from '@lockstep/coordinator';
import { hashOfJson } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import { type ModelSpec, modelHash } from '@lockstep/core/model';
import type { TrainOptions } from '../options/options.js';

/** How often workers hear from the coordinator. */
const pingIntervalMs = 1_000;
/** How long a callback or the disk may take at a step boundary. */
const boundaryTimeoutMs = 300_000;

/** The machine's settings from the options of the command line. */
export function settingsOf(
  options: TrainOptions,
  model: ModelSpec,
  dataset: Dataset,
  run: string,
  fallback: Settings['fallback'],
): Settings {
  const { batchSize, epochs, seed, optimizer, engine, validation, checkpointSteps } = options;
  const { allReduce, compression, accumulate, shardOptimizer } = options;
  const { scaleLearningRate, warmupEpochs } = options;
  const { precision, joinTimeoutMs, stepTimeoutMs } = options;
  const hashes = { modelHash: modelHash(model), datasetHash: dataset.description.hash };
  return {
    run,
    workers: Math.max(1, options.workers),
    minWorkers: Math.max(1, options.minWorkers),
    rejoinTimeoutMs: options.rejoinTimeoutMs,
    maxRestarts: options.maxRestarts,
    engine,
    seed,
    batchSize,
    epochs,
    optimizer,
    precision,
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
    }),
    validation,
    checkpointSteps,
    fallback,
    joinTimeoutMs,
    stepTimeoutMs,
    boundaryTimeoutMs,
    pingIntervalMs,
  };
}
