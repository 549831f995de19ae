import { datasetNames } from '@lockstep/core/data';
import { computeFlags } from './compute.js';
import { optional, toggle, withDefault } from './flag.js';
import { choice, text, wholeNumber } from './parsers.js';
import { jsonFlag, sharedFlags, trainFlags } from './train.js';

/** Which checkpoint of a run. */
export const checkpointFlag = withDefault(
  { flags: '--checkpoint <WHICH>', description: 'newest, best, or a file', default: 'newest' },
  text('newest, best or a file'),
);

/** Flags that `evaluate` and `predict` have in common. */
const runFlags = {
  checkpoint: checkpointFlag,
  ...computeFlags,
  json: jsonFlag,
};

export const evaluateFlags = {
  ...runFlags,
  dataset: optional(
    { flags: '--dataset <NAME>', description: "dataset (default: the run's)" },
    choice(datasetNames),
  ),
  dataDir: sharedFlags.dataDir,
  batchSize: withDefault(
    { flags: '--batch-size <N>', description: 'samples at a time', default: '256' },
    wholeNumber(1),
  ),
};

export const predictFlags = {
  ...runFlags,
  show: toggle({ flags: '--show', description: 'print each picture as the model sees it' }),
};

export const dataInspectFlags = {
  dataset: trainFlags.dataset,
  dataDir: sharedFlags.dataDir,
  validationSplit: trainFlags.validationSplit,
  show: withDefault(
    {
      flags: '--show <N>',
      description: 'also print the first N training images, of 28 x 28, with their labels',
      default: '0',
    },
    wholeNumber(0),
  ),
  json: jsonFlag,
};

export const devicesFlags = { json: jsonFlag };

export const doctorFlags = { dataDir: sharedFlags.dataDir, json: jsonFlag };
