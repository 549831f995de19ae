import { datasetNames } from '@lockstep/core/data';
import { zoo } from '@lockstep/core/model';
import { averagingFlags } from './averaging.js';
import { batchFlags } from './batch.js';
import {
  earlyStopping,
  learningRateSchedule,
  metricNames,
  reduceLrOnPlateau,
} from './callbacks.js';
import { computeFlags, precisionFlag } from './compute.js';
import { optional, type Parser, repeated, switchOff, toggle, withDefault } from './flag.js';
import { membershipFlags, workerRange } from './membership.js';
import { optimizer } from './optimizer.js';
import { choice, numberWithin, orNone, seconds, text, wholeNumber } from './parsers.js';
import { rateScalingFlags } from './rateScaling.js';

const modelNames = Object.keys(zoo);
const learningRate = numberWithin({ allowed: 'a number above 0', fits: (value) => value > 0 });
const fraction = numberWithin({
  allowed: 'a fraction from 0 to 1 (0.995 for 99.5 %)',
  fits: (value) => value >= 0 && value <= 1,
});
const verbosity: Parser<0 | 1 | 2> = (given, name) => wholeNumber(0, 2)(given, name) as 0 | 1 | 2;

/** Flags that `worker` and `train` have in common. */
export const sharedFlags = {
  ...computeFlags,
  dataDir: optional(
    { flags: '--data-dir <DIR>', description: 'directory with the four IDX files of the dataset' },
    text('a directory'),
  ),
};

/** Flags that every command which prints results has. */
export const jsonFlag = toggle({
  flags: '--json',
  description: 'one JSON object per line on stdout instead of text',
});

/** The flags of `train`; `coordinator` has them, too. */
export const trainFlags = {
  workers: withDefault(
    {
      flags: '--workers <N>',
      description:
        'worker processes on this machine; MIN:MAX: go on when some are lost; 0: all in one process',
      default: '2',
    },
    workerRange(0),
  ),
  ...membershipFlags,
  model: withDefault(
    { flags: '--model <NAME>', description: `network: ${modelNames.join(', ')}`, default: 'cnn' },
    choice(modelNames),
  ),
  dataset: withDefault(
    {
      flags: '--dataset <NAME>',
      description: `dataset: ${datasetNames.join(', ')}`,
      default: 'mnist',
    },
    choice(datasetNames),
  ),
  ...sharedFlags,
  precision: precisionFlag,
  ...averagingFlags,
  ...batchFlags,
  epochs: withDefault(
    { flags: '--epochs <N>', description: 'most epochs to train', default: '10' },
    wholeNumber(1),
  ),
  optimizer: withDefault(
    {
      flags: '--optimizer <NAME>',
      description: 'optimizer, also with options as in sgd:momentum=0.9,nesterov=true',
      default: 'adam',
    },
    optimizer,
  ),
  learningRate: optional(
    { flags: '--learning-rate <X>', description: "learning rate (default: the optimizer's)" },
    learningRate,
  ),
  ...rateScalingFlags,
  seed: withDefault(
    {
      flags: '--seed <S>',
      description: 'fixes initial weights and the order of samples',
      default: '1',
    },
    wholeNumber(0),
  ),
  targetAccuracy: withDefault(
    {
      flags: '--target-accuracy <X>',
      description: 'stop after the epoch whose training accuracy is above this; or none',
      default: '0.995',
    },
    orNone(fraction),
  ),
  validation: withDefault(
    {
      flags: '--validation <WHAT>',
      description: 'evaluate after each epoch: test (the test split), none',
      default: 'test',
    },
    choice(['test', 'none'] as const),
  ),
  runDir: optional(
    {
      flags: '--run-dir <DIR>',
      description: 'where the run is kept (default: runs/<date-time>-<model>)',
    },
    text('a directory'),
  ),
  profile: toggle({
    flags: '--profile',
    description: 'write where the time of each step goes to profile.json of the run, for Perfetto',
  }),
  report: switchOff({
    flags: '--no-report',
    description: 'do not write report.html, with pictures of the run, at its end',
  }),
  checkpointSteps: optional(
    {
      flags: '--checkpoint-steps <N>',
      description: 'save a checkpoint also every N steps (default: at the end of epochs only)',
    },
    wholeNumber(1),
  ),
  keepCheckpoints: withDefault(
    { flags: '--keep-checkpoints <N>', description: 'newest checkpoints to keep', default: '3' },
    wholeNumber(1),
  ),
  saveBest: optional(
    {
      flags: '--save-best <METRIC>',
      description: `also keep the checkpoint that is best in: ${metricNames.join(', ')}`,
    },
    choice(metricNames) as Parser<string>,
  ),
  earlyStopping: optional(
    {
      flags: '--early-stopping <OPTIONS>',
      description: "Keras's EarlyStopping: monitor=val_loss,patience=3,restoreBestWeights=true",
    },
    earlyStopping,
  ),
  reduceLrOnPlateau: optional(
    {
      flags: '--reduce-lr-on-plateau <OPTIONS>',
      description: "Keras's ReduceLROnPlateau: monitor=val_loss,factor=0.5,patience=2",
    },
    reduceLrOnPlateau,
  ),
  learningRateSchedule: optional(
    {
      flags: '--learning-rate-schedule <SCHEDULE>',
      description: 'exponential:F, step:F@N or cosine',
    },
    learningRateSchedule,
  ),
  callbacks: repeated(
    {
      flags: '--callbacks <FILE>',
      description: 'module with callbacks of your own; may be given several times',
    },
    text('a file'),
  ),
  joinTimeoutMs: withDefault(
    {
      flags: '--join-timeout <SECONDS>',
      description: 'how long to wait for workers to join',
      default: '60',
    },
    seconds,
  ),
  stepTimeoutMs: withDefault(
    {
      flags: '--step-timeout <SECONDS>',
      description: 'how long a worker may take for one step',
      default: '60',
    },
    seconds,
  ),
  heartbeatTimeoutMs: withDefault(
    {
      flags: '--heartbeat-timeout <SECONDS>',
      description: 'how long a worker may show no sign of life',
      default: '5',
    },
    seconds,
  ),
  resume: optional(
    {
      flags: '--resume <RUN>',
      description:
        'go on with the run in this directory; auto: with the one in --run-dir, if there is one',
    },
    text('the directory of a run'),
  ),
  json: jsonFlag,
  verbose: withDefault(
    {
      flags: '--verbose <LEVEL>',
      description: '0: the result only, 1: progress bar, 2: one line per epoch',
      default: '1',
    },
    verbosity,
  ),
};
