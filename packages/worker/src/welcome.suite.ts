import { optimizerConfigSchema } from '@lockstep/core';
import type { DatasetDescription } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import type { Header } from '@lockstep/core/protocol';

/** The run and the membership that tests of a worker are about. */
export const scope = { run: 'r1', generation: 1 };

/** Samples that this machine has no copy of. */
const dataset: DatasetDescription = {
  name: 'somewhere-else',
  hash: 'ab'.repeat(32),
  trainSize: 8,
  validationSize: 0,
  testSize: 4,
  imageShape: [28, 28, 1],
  classes: 10,
};

export const welcome: Header<'welcome'> = {
  kind: 'welcome',
  ...scope,
  seed: 1,
  batchSize: 4,
  optimizer: optimizerConfigSchema.parse({ name: 'sgd' }),
  precision: 'float32',
  model: zoo.tiny!,
  dataset,
  peers: false,
  compression: 'none',
  accumulate: 1,
  logEvery: null,
  shardOptimizer: false,
  onNaN: 'stop',
  hasCheckpoint: false,
  stepTimeoutMs: 60_000,
  pingIntervalMs: 1_000,
};
