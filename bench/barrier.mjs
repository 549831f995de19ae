// What the coordinator computes in a step for each rank: it reads the contribution, decides, and tells the rank to go
// on. The real coordinator, with ranks that only answer, and no sockets: what it takes at 4,096 ranks cannot be seen
// on one machine otherwise. The simulator's networks have the figures (packages/simulator/networks).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Coordinator } from '@lockstep/coordinator';
import { optimizerConfigSchema } from '@lockstep/core';
import { CheckpointStore } from '@lockstep/core/checkpoint';
import { loadDataset } from '@lockstep/core/data';
import { modelHash, zoo } from '@lockstep/core/model';
import { SilentRanks } from './support/silentRanks.mjs';
import { median } from './support/statistics.mjs';
import { alignedTable } from './support/table.mjs';

const steps = 13;
const hour = 3_600_000;
const sizes = [2, 16, 128, 512, 1024, 2048, 4096];

const folder = mkdtempSync(join(tmpdir(), 'lockstep-barrier-'));
const dataset = await loadDataset({ name: 'mnist' });
const rows = [];
for (const ranks of sizes) {
  const milliseconds = median(await stepTimes(ranks));
  const each = (1000 * milliseconds) / ranks;
  rows.push([String(ranks), milliseconds.toFixed(2), each.toFixed(1)]);
}
console.log(alignedTable(['ranks', 'ms a step', 'us a rank'], rows));
rmSync(folder, { recursive: true });

async function stepTimes(ranks) {
  const listener = new SilentRanks(ranks, modelHash(zoo.tiny));
  const measured = listener.measure(steps);
  const coordinator = new Coordinator({
    settings: settingsFor(ranks),
    listener,
    dataset,
    callbacks: [],
    store: new CheckpointStore(join(folder, String(ranks))),
    checkpoint: null,
    config: {},
    version: '0.1.0',
    startWorker: () => undefined,
    onNews: () => undefined,
  });
  const outcome = coordinator.run().then(({ message }) => {
    throw new Error(message);
  });
  const times = await Promise.race([measured, outcome]);
  outcome.catch(() => undefined);
  coordinator.interrupt('SIGINT');
  coordinator.interrupt('SIGINT');
  return times;
}

function settingsFor(ranks) {
  return {
    run: 'bench',
    workers: ranks,
    minWorkers: ranks,
    maxRestarts: 0,
    engine: 'auto',
    seed: 1,
    batchSize: ranks,
    epochs: 1,
    optimizer: optimizerConfigSchema.parse({ name: 'adam' }),
    precision: 'float32',
    allReduce: 'ring',
    compression: 'none',
    accumulate: 1,
    shardOptimizer: false,
    scaleLearningRate: false,
    warmUpEpochs: 0,
    deterministic: true,
    steps: null,
    logEvery: null,
    model: zoo.tiny,
    modelHash: modelHash(zoo.tiny),
    dataset: dataset.description,
    configHash: 'c'.repeat(64),
    validation: 'none',
    checkpointSteps: null,
    fallback: 'fail',
    joinTimeoutMs: hour,
    stepTimeoutMs: hour,
    rejoinTimeoutMs: hour,
    boundaryTimeoutMs: hour,
    pingIntervalMs: hour,
  };
}
