import { datasetNames } from '@lockstep/core/data';
import { modelNames, modelReference } from '../model/reference.js';
import { averagingFlags } from './averaging.js';
import { batchFlags } from './batch.js';
import { earlyStopping, learningRateSchedule, monitor, reduceLrOnPlateau } from './callbacks.js';
import { computeFlags, precisionFlag } from './compute.js';
import { optional, type Parser, repeated, switchOff, toggle, withDefault } from './flag.js';
import { membershipFlags, workerRange } from './membership.js';
import { objectiveFlags } from './objective.js';
import { optimizer } from './optimizer.js';
import { choice, numberWithin, orNone, seconds, text, wholeNumber } from './parsers.js';
import { rateScalingFlags } from './rateScaling.js';

const learningRate = numberWithin({ allowed: 'a number above 0', fits: (value) => value > 0 });
const fraction = numberWithin({
  allowed: 'a fraction from 0 to 1 (0.995 for 99.5 %)',
  fits: (value) => value >= 0 && value <= 1,
});
const properFraction = numberWithin({
  allowed: 'a fraction between 0 and 1 (0.2 for the last fifth)',
  fits: (value) => value > 0 && value < 1,
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
    {
      flags: '--model <NAME>',
      description: `network: ${modelNames.join(', ')}, or a file: a topology of Keras or TensorFlow.js (.json), or code that exports createModel(tf) (.ts, .js)`,
      default: 'cnn',
    },
    modelReference,
  ),
  ...objectiveFlags,
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
  epochs: optional(
    {
      flags: '--epochs <N>',
      description: 'most epochs to train (default: 10; with --steps as many as they take)',
    },
    wholeNumber(1),
  ),
  steps: optional(
    { flags: '--steps <N>', description: 'most steps to train, over all epochs' },
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
      description: 'fixes all that is random: initial weights, order of samples, dropout',
      default: '1',
    },
    wholeNumber(0),
  ),
  targetAccuracy: optional(
    {
      flags: '--target-accuracy <X>',
      description:
        'stop after the epoch whose training accuracy is above this; or none (default: 0.995; with --steps none)',
    },
    orNone(fraction),
  ),
  validation: withDefault(
    {
      flags: '--validation-data <WHAT>',
      description: 'evaluate after each epoch: test (the test split), none',
      default: 'test',
    },
    choice(['test', 'none'] as const),
  ),
  validationSplit: optional(
    {
      flags: '--validation-split <X>',
      description:
        'evaluate after each epoch on this fraction of the training samples instead: the last ones, which are not trained',
    },
    properFraction,
  ),
  logEvery: optional(
    {
      flags: '--log-every <N>',
      description: 'show loss and accuracy of the training batch, without dropout, every N steps',
    },
    wholeNumber(1),
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
  checkpointMs: optional(
    {
      flags: '--checkpoint-seconds <S>',
      description: 'save a checkpoint also once S seconds have passed since the last one',
    },
    seconds,
  ),
  keepCheckpoints: withDefault(
    { flags: '--keep-checkpoints <N>', description: 'newest checkpoints to keep', default: '3' },
    wholeNumber(1),
  ),
  saveBest: optional(
    {
      flags: '--save-best <METRIC>',
      description:
        'also keep the checkpoint that is best in: val_loss, val_accuracy, loss, accuracy',
    },
    monitor,
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
  stepTimeoutMs: optional(
    {
      flags: '--step-timeout <SECONDS>',
      description:
        'how long a worker may take for one step (default: 60; after some steps 20 times the slowest of late, at least 10)',
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
  initFrom: optional(
    {
      flags: '--init-from <FILE>',
      description:
        'begin with the model of this file (.keras, .h5, tfjs .json, .npz, .safetensors)',
    },
    text('a model file'),
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
