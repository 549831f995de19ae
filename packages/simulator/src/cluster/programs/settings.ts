import type { Settings } from '@lockstep/coordinator';
import { hashOfJson, optimizerConfigSchema } from '@lockstep/core';
import type { Dataset } from '@lockstep/core/data';
import { modelHash } from '@lockstep/core/model';
import { learningRate } from '../ledger/course.js';
import { ledgerModel } from '../ledger/engine.js';
import type { Scenario } from '../scenario/scenario.js';

const pingIntervalMs = 1_000;
const hash = modelHash(ledgerModel);

export const runOf = ({ seed }: Scenario): string => `run-${seed}`;

/** What the command line would make of this scenario. */
export function settingsOf(scenario: Scenario, { description }: Dataset): Settings {
  const { course, timeouts, workers, minWorkers, maxRestarts, place } = scenario;
  const { batchSize, epochs, seed } = course;
  return {
    run: runOf(scenario),
    workers,
    minWorkers,
    rejoinTimeoutMs: timeouts.rejoin,
    onNaN: 'stop',
    maxRestarts: place === 'here' ? maxRestarts : 0,
    engine: 'ledger',
    seed,
    batchSize,
    epochs,
    steps: scenario.steps,
    logEvery: scenario.logEvery,
    optimizer: optimizerConfigSchema.parse({ name: 'sgd', learningRate }),
    precision: 'float32',
    deterministic: true,
    allReduce: scenario.allReduce,
    compression: 'none',
    accumulate: 1,
    shardOptimizer: false,
    scaleLearningRate: false,
    warmUpEpochs: 0,
    model: ledgerModel,
    modelHash: hash,
    dataset: description,
    configHash: hashOfJson({ seed }),
    validation: scenario.validates ? 'test' : 'none',
    checkpointSteps: scenario.checkpointSteps,
    checkpointMs: null,
    fallback: 'fail',
    joinTimeoutMs: timeouts.join,
    stepTimeoutMs: timeouts.step,
    adaptStepTimeout: true,
    boundaryTimeoutMs: timeouts.boundary,
    pingIntervalMs,
    reportMs: scenario.reports.everyMs,
    reportAfter: scenario.reports.after,
  };
}
