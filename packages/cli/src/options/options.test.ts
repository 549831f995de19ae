import { LockstepError } from '@lockstep/core';
import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { declareFlags, readFlags } from './command.js';
import { coordinatorFlags } from './coordinator.js';
import type { FlagTable, ValuesOf } from './flag.js';
import { trainOptionsOf } from './options.js';
import { evaluateFlags, predictFlags } from './results.js';
import { trainFlags } from './train.js';
import { workerFlags } from './worker.js';

afterEach(() => vi.unstubAllEnvs());

function parse<Table extends FlagTable>(table: Table, words: string[]) {
  const command = declareFlags(new Command('test').exitOverride(), table);
  command.parse(words, { from: 'user' });
  return readFlags(command, table);
}

const train = (...words: string[]) => trainOptionsOf(parse(trainFlags, words));

function refusal(act: () => unknown): LockstepError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof LockstepError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const adam = {
  name: 'adam',
  learningRate: 0.001,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  amsgrad: false,
};
const compute = { engine: 'auto', threads: 'auto', devices: 'auto', allowCpu: false };
const trainDefaults = {
  ...compute,
  precision: 'float32',
  allReduce: 'auto',
  deterministic: false,
  onNaN: 'stop',
  compression: 'none',
  shardOptimizer: false,
  accumulate: 1,
  scaleLearningRate: false,
  warmupEpochs: 0,
  workers: 2,
  minWorkers: 2,
  maxRestarts: 0,
  rejoinTimeoutMs: 60_000,
  model: 'cnn',
  loss: null,
  metrics: [],
  dataset: 'mnist',
  dataDir: null,
  batchSize: 32,
  epochs: 10,
  steps: null,
  optimizer: adam,
  seed: 1,
  targetAccuracy: 0.995,
  validation: 'test',
  validationSplit: null,
  logEvery: null,
  runDir: null,
  checkpointSteps: null,
  checkpointMs: null,
  keepCheckpoints: 3,
  saveBest: null,
  earlyStopping: null,
  reduceLrOnPlateau: null,
  learningRateSchedule: null,
  callbacks: [],
  joinTimeoutMs: 60_000,
  stepTimeoutMs: null,
  heartbeatTimeoutMs: 5_000,
  resume: null,
  initFrom: null,
  profile: false,
  report: true,
  json: false,
  verbose: 1,
};

describe('defaults', () => {
  it('of train', () => expect(train().values).toEqual(trainDefaults));

  it('of coordinator: those of train, but for workers, address and fallback', () => {
    expect(trainOptionsOf(parse(coordinatorFlags, [])).values).toEqual({
      ...trainDefaults,
      workers: 1,
      minWorkers: 1,
      listen: 'tcp://127.0.0.1:0',
      fallback: 'alone',
    });
  });

  it('of worker', () => {
    expect(parse(workerFlags, ['--connect', 'tcp://box:5555']).values).toEqual({
      connect: 'tcp://box:5555',
      ...compute,
      dataDir: null,
      peerAddress: null,
      model: null,
      loss: null,
      expectConfig: null,
      run: null,
      slot: null,
      connectTimeoutMs: 60_000,
      silenceTimeoutMs: 15_000,
      reconnectTimeoutMs: 60_000,
    });
  });

  it('of evaluate and predict', () => {
    const shared = { checkpoint: 'newest', ...compute, json: false };
    expect(parse(evaluateFlags, []).values).toEqual({
      ...shared,
      dataset: null,
      dataDir: null,
      batchSize: 256,
    });
    expect(parse(predictFlags, []).values).toEqual({ ...shared, show: false });
  });
});

/** Flag, text, option, value. */
type Good = [string, string, keyof ValuesOf<typeof trainFlags>, unknown];
const good: Good[] = [
  ['--model', 'tiny', 'model', 'tiny'],
  ['--model', 'nets/mine.json', 'model', 'nets/mine.json'],
  ['--loss', 'mse', 'loss', 'mean_squared_error'],
  [
    '--metrics',
    'binaryAccuracy, top_k_categorical_accuracy',
    'metrics',
    ['binary_accuracy', 'top_k_categorical_accuracy'],
  ],
  ['--dataset', 'fashion-mnist', 'dataset', 'fashion-mnist'],
  ['--engine', 'cpu', 'engine', 'cpu'],
  ['--threads', '3', 'threads', 3],
  ['--devices', 'cpu', 'devices', 'cpu'],
  ['--devices', '0', 'devices', ['0']],
  ['--devices', '0,2', 'devices', ['0', '2']],
  ['--devices', 'GPU-5a1b-22,MIG-7c', 'devices', ['GPU-5a1b-22', 'MIG-7c']],
  ['--precision', 'bfloat16', 'precision', 'bfloat16'],
  ['--all-reduce', 'shared-memory', 'allReduce', 'shared-memory'],
  ['--all-reduce', 'star', 'allReduce', 'star'],
  ['--compression', 'bfloat16', 'compression', 'bfloat16'],
  ['--accumulate', '4', 'accumulate', 4],
  ['--data-dir', 'data', 'dataDir', 'data'],
  ['--batch-size', '128', 'batchSize', 128],
  ['--epochs', '3', 'epochs', 3],
  ['--optimizer', 'ADAM'.toLowerCase(), 'optimizer', adam],
  ['--seed', '0', 'seed', 0],
  ['--target-accuracy', '1', 'targetAccuracy', 1],
  ['--target-accuracy', 'none', 'targetAccuracy', null],
  ['--validation-data', 'none', 'validation', 'none'],
  ['--validation-split', '0.2', 'validationSplit', 0.2],
  ['--log-every', '100', 'logEvery', 100],
  ['--run-dir', 'runs/a', 'runDir', 'runs/a'],
  ['--checkpoint-steps', '100', 'checkpointSteps', 100],
  ['--checkpoint-seconds', '2.5', 'checkpointMs', 2_500],
  ['--keep-checkpoints', '1', 'keepCheckpoints', 1],
  ['--save-best', 'val_accuracy', 'saveBest', 'val_accuracy'],
  [
    '--early-stopping',
    'monitor=val_accuracy, mode=max, min_delta=1e-3, patience=3, verbose=1, baseline=0.5, restore_best_weights=True, start_from_epoch=2',
    'earlyStopping',
    {
      monitor: 'val_accuracy',
      mode: 'max',
      minDelta: 0.001,
      patience: 3,
      verbose: 1,
      baseline: 0.5,
      restoreBestWeights: true,
      startFromEpoch: 2,
    },
  ],
  [
    '--reduce-lr-on-plateau',
    'factor=0.5,patience=2,cooldown=1,min_lr=0.0001',
    'reduceLrOnPlateau',
    { factor: 0.5, patience: 2, cooldown: 1, minLearningRate: 0.0001 },
  ],
  ['--learning-rate-schedule', 'step:0.1@5', 'learningRateSchedule', 'step:0.1@5'],
  ['--callbacks', 'mine.js', 'callbacks', ['mine.js']],
  ['--join-timeout', '0.5', 'joinTimeoutMs', 500],
  ['--step-timeout', '120', 'stepTimeoutMs', 120_000],
  ['--heartbeat-timeout', '2.5', 'heartbeatTimeoutMs', 2_500],
  ['--resume', 'runs/a', 'resume', 'runs/a'],
  ['--verbose', '2', 'verbose', 2],
];

it.each(good)('%s %s', (flag, text, option, value) => {
  const { values, sources } = train(flag, text);
  expect(values).toEqual({ ...trainDefaults, [option]: value });
  expect(sources[option]).toEqual({ value, source: 'flag' });
});

/** Flag, text, what the message says after the flag's name, hint. */
const bad: [string, string, string, string?][] = [
  ['--workers', '-1', 'got "-1"; it takes a whole number from 0 up'],
  ['--workers', 'two', 'got "two"; it takes a whole number from 0 up'],
  [
    '--model',
    'cmn',
    'got "cmn"; it takes cnn, mlp, deep, tiny or a file (.json, .ts, .js)',
    'Did you mean cnn?',
  ],
  ['--model', 'resnet', 'got "resnet"; it takes cnn, mlp, deep, tiny or a file (.json, .ts, .js)'],
  [
    '--loss',
    'hinge',
    'got "hinge"; it takes sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy or mean_squared_error',
    'Use one of: sparse_categorical_crossentropy, categorical_crossentropy, binary_crossentropy, mean_squared_error.',
  ],
  ['--dataset', 'mnits', 'got "mnits"; it takes mnist or fashion-mnist', 'Did you mean mnist?'],
  ['--threads', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--threads', 'all', 'got "all"; it takes auto or a whole number from 1 up'],
  ['--devices', 'gpu', 'got "gpu"; it takes auto, cpu, or the numbers of GPUs: 0 or 0,1'],
  ['--devices', '0,', 'got "0,"; it takes auto, cpu, or the numbers of GPUs: 0 or 0,1'],
  ['--devices', '-1', 'got "-1"; it takes auto, cpu, or the numbers of GPUs: 0 or 0,1'],
  [
    '--precision',
    'float16',
    'got "float16"; it takes float32 or bfloat16',
    'Did you mean bfloat16?',
  ],
  [
    '--all-reduce',
    'rng',
    'got "rng"; it takes auto, shared-memory, hierarchical, ring or star',
    'Did you mean ring?',
  ],
  [
    '--compression',
    'float32',
    'got "float32"; it takes none, float16 or bfloat16',
    'Did you mean float16?',
  ],
  ['--accumulate', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--micro-batch-size', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--warmup-epochs', '-1', 'got "-1"; it takes a whole number from 0 up'],
  ['--data-dir', ' ', 'got " "; it takes a directory'],
  ['--batch-size', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--batch-size', '1e3', 'got "1e3"; it takes a whole number from 1 up'],
  ['--epochs', '', 'got ""; it takes a whole number from 1 up'],
  ['--optimizer', 'adma', 'got "adma"; it takes', 'Did you mean adam?'],
  [
    '--optimizer',
    'sgd:momentun=0.9',
    'sgd has no option "momentun"; it has learningRate, momentum or nesterov',
    'Did you mean momentum?',
  ],
  ['--optimizer', 'sgd:momentum=1', 'sgd momentum got "1": Too big'],
  ['--optimizer', 'sgd:nesterov=yes', 'sgd nesterov got "yes": Invalid input'],
  ['--optimizer', 'sgd:', 'sgd got ""; it takes key=value'],
  ['--learning-rate', '0', 'got "0"; it takes a number above 0'],
  ['--learning-rate', '0x1', 'got "0x1"; it takes a number above 0'],
  ['--seed', '1.5', 'got "1.5"; it takes a whole number from 0 up'],
  [
    '--target-accuracy',
    '99.5',
    'got "99.5"; it takes a fraction from 0 to 1 (0.995 for 99.5 %), or none',
  ],
  ['--validation-data', 'train', 'got "train"; it takes test or none'],
  [
    '--validation-split',
    '1',
    'got "1"; it takes a fraction between 0 and 1 (0.2 for the last fifth)',
  ],
  ['--steps', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--log-every', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--run-dir', '', 'got ""; it takes a directory'],
  ['--checkpoint-steps', '0', 'got "0"; it takes a whole number from 1 up'],
  ['--checkpoint-seconds', '0', 'got "0"; it takes seconds from 0.1 to 86400'],
  ['--keep-checkpoints', '0', 'got "0"; it takes a whole number from 1 up'],
  [
    '--save-best',
    'val_acuracy',
    'got "val_acuracy"; it takes val_loss, val_accuracy, loss, accuracy or one of --metrics',
    'Did you mean val_accuracy?',
  ],
  ['--early-stopping', 'patience', 'got "patience"; it takes key=value'],
  ['--early-stopping', 'patience=x', 'patience got "x"; it takes a whole number from 0 up'],
  [
    '--early-stopping',
    'patience=1,patience=2',
    'got "patience=1,patience=2"; it takes each option once',
  ],
  ['--early-stopping', 'patients=3', 'has no option "patients"', 'Did you mean patience?'],
  ['--early-stopping', 'verbose=2', 'verbose got "2"; it takes a whole number from 0 to 1'],
  [
    '--reduce-lr-on-plateau',
    'factor=1.5',
    'got "factor=1.5"; it takes what the callback accepts: ReduceLROnPlateau got the factor 1.5',
    'Give a factor between 0 and 1, for example 0.5 to halve the learning rate.',
  ],
  ['--callbacks', '', 'got ""; it takes a file'],
  ['--join-timeout', '0', 'got "0"; it takes seconds from 0.1 to 86400'],
  ['--step-timeout', '100000', 'got "100000"; it takes seconds from 0.1 to 86400'],
  ['--heartbeat-timeout', '5s', 'got "5s"; it takes seconds from 0.1 to 86400'],
  ['--resume', '', 'got ""; it takes the directory of a run'],
  ['--verbose', '3', 'got "3"; it takes a whole number from 0 to 2'],
];

it.each(bad)('%s %j is refused', (flag, text, said, hint) => {
  const error = refusal(() => train(`${flag}=${text}`));
  expect(error.code).toBe('USAGE');
  expect(error.message).toContain(`${flag} ${said}`);
  expect(error.hint).toBe(hint);
});

it('refuses an engine that is not there, and knows what was meant', () => {
  const error = refusal(() => train('--engine', 'wams'));
  expect(error.message).toMatch(/^--engine got "wams"; it takes auto, /);
  expect(error.hint).toBe('Did you mean wasm?');
});

it('refuses a schedule that is none, with those that are', () => {
  const error = refusal(() => train('--learning-rate-schedule', 'linear'));
  expect(error.message).toContain('--learning-rate-schedule got "linear"');
  expect(error.hint).toContain('cosine');
});

const digest = 'a1'.repeat(32);

it.each([
  ['--expect-config', digest, 'expectConfig', digest],
  ['--run', 'r-1', 'run', 'r-1'],
  ['--slot', '3', 'slot', 3],
  ['--model', 'mlp', 'model', 'mlp'],
  ['--peer-address', '10.0.0.7:5600', 'peerAddress', 'tcp://10.0.0.7:5600'],
  ['--peer-address', 'worker-7', 'peerAddress', 'tcp://worker-7:0'],
  ['--peer-address', '[fd00::7]:5600', 'peerAddress', 'tcp://[fd00::7]:5600'],
  ['--peer-address', '[fd00::7]', 'peerAddress', 'tcp://[fd00::7]:0'],
  ['--connect-timeout', '1', 'connectTimeoutMs', 1_000],
  ['--silence-timeout', '2', 'silenceTimeoutMs', 2_000],
] as const)('worker %s %s', (flag, text, option, value) => {
  const { values } = parse(workerFlags, ['--connect', 'tcp://[::1]:5', flag, text]);
  expect(values[option]).toBe(value);
});

it.each([
  ['--connect', 'box:5555', 'an address like tcp://127.0.0.1:5555'],
  ['--expect-config', 'abc', 'a sha256, 64 hexadecimal digits'],
  ['--slot', 'x', 'a whole number from 0 up'],
])('worker %s %s is refused', (flag, text, allowed) => {
  const words = ['--connect', 'tcp://box:5555', flag, text];
  const error = refusal(() => parse(workerFlags, words));
  expect(error.message).toBe(`${flag} got "${text}"; it takes ${allowed}`);
});

it.each(['tcp://box:1', 'fd00::7', '*:5600', 'box:99999', 'box:'])(
  'worker --peer-address %s is refused',
  (text) => {
    const words = ['--connect', 'tcp://box:5555', '--peer-address', text];
    const error = refusal(() => parse(workerFlags, words));
    expect(error.message).toContain(`--peer-address got "${text}"; it takes HOST or HOST:PORT`);
  },
);

it('refuses an address to listen on that is none', () => {
  const error = refusal(() => parse(coordinatorFlags, ['--listen', '5555']));
  expect(error.message).toContain('--listen got "5555"');
});

it('takes what the coordinator does when nobody comes', () => {
  expect(parse(coordinatorFlags, ['--fallback', 'fail']).values.fallback).toBe('fail');
  const error = refusal(() => parse(coordinatorFlags, ['--fallback', 'alnoe']));
  expect(error.message).toContain('--fallback got "alnoe"; it takes alone or fail');
  expect(error.hint).toBe('Did you mean alone?');
});

describe('the optimizer', () => {
  it('takes options, with the names of Keras, too', () => {
    const { optimizer } = train('--optimizer', 'adam:beta_1=0.8,lr=0.5,amsgrad=true').values;
    expect(optimizer).toEqual({ ...adam, beta1: 0.8, learningRate: 0.5, amsgrad: true });
  });

  it('gets the learning rate, which wins over its own', () => {
    const { values, sources } = train('--optimizer=sgd:learningRate=0.5', '--learning-rate=0.1');
    const sgd = { name: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false };
    expect(values.optimizer).toEqual(sgd);
    expect(values).not.toHaveProperty('learningRate');
    expect(sources).toMatchObject({
      optimizer: { value: sgd, source: 'flag' },
      learningRate: { value: 0.1, source: 'flag' },
    });
  });

  it('says what its learning rate is where nobody gave one', () => {
    expect(train().sources.learningRate).toEqual({ value: 0.001, source: 'default' });
  });
});

describe('the environment', () => {
  it('gives values to flags that are not there', () => {
    vi.stubEnv('LOCKSTEP_BATCH_SIZE', '64');
    expect(train().sources.batchSize).toEqual({ value: 64, source: 'environment' });
    expect(train('--batch-size', '16').sources.batchSize).toEqual({ value: 16, source: 'flag' });
  });

  it('is named when it is wrong', () => {
    vi.stubEnv('LOCKSTEP_BATCH_SIZE', 'many');
    const { message } = refusal(() => train());
    expect(message).toBe('LOCKSTEP_BATCH_SIZE got "many"; it takes a whole number from 1 up');
  });

  it.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
    ['', false],
  ])('turns a switch on or off: LOCKSTEP_JSON=%s', (text, json) => {
    vi.stubEnv('LOCKSTEP_JSON', text);
    expect(train().values.json).toBe(json);
  });
});

it('collects a flag that is given several times, in order', () => {
  const { callbacks } = train('--callbacks', 'b.js', '--callbacks', 'a.js').values;
  expect(callbacks).toEqual(['b.js', 'a.js']);
});

describe('flags together', () => {
  it.each([
    ['--save-best=val_loss', '--save-best looks at val_loss', 'loss'],
    ['--early-stopping=patience=3', '--early-stopping looks at val_loss', 'loss'],
    [
      '--reduce-lr-on-plateau=monitor=val_accuracy',
      '--reduce-lr-on-plateau looks at val_accuracy',
      'accuracy',
    ],
  ])('%s needs validation', (flag, said, instead) => {
    const error = refusal(() => train(flag, '--validation-data=none'));
    expect(error.message).toBe(`${said}, but --validation-data is none`);
    expect(error.hint).toContain(`look at ${instead}.`);
    expect(() => train(flag)).not.toThrow();
    expect(() => train(flag, '--validation-data=none', '--resume=runs/a')).not.toThrow();
  });

  it.each([
    ['--compression=float16', '--compression float16'],
    ['--shard-optimizer', '--shard-optimizer'],
  ])('%s needs workers that add up among themselves', (flag, name) => {
    const error = refusal(() => train(flag, '--all-reduce=star'));
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(`${name} is for workers that add up among themselves`);
    expect(() => train(flag)).not.toThrow();
    expect(() => train(flag, '--all-reduce=ring')).not.toThrow();
  });

  it.each(['skip', 'rollback'])('--on-nan=%s needs ranks that see the whole average', (policy) => {
    const error = refusal(() => train(`--on-nan=${policy}`, '--shard-optimizer'));
    expect(error.code).toBe('USAGE');
    expect(error.message).toBe(`--shard-optimizer cannot be used with --on-nan ${policy}`);
    expect(train(`--on-nan=${policy}`).values.onNaN).toBe(policy);
  });

  it('warms up for five epochs where the learning rate is scaled, and only there', () => {
    expect(train('--scale-learning-rate').values).toMatchObject({
      scaleLearningRate: true,
      warmupEpochs: 5,
    });
    const asked = train('--scale-learning-rate', '--warmup-epochs=0');
    expect(asked.values.warmupEpochs).toBe(0);
    expect(asked.sources.warmupEpochs).toEqual({ value: 0, source: 'flag' });
    const error = refusal(() => train('--warmup-epochs=3'));
    expect(error.message).toBe('--warmup-epochs 3 is for a learning rate that is scaled');
    expect(() => train('--warmup-epochs=3', '--resume=runs/a')).not.toThrow();
  });

  it('trains as many steps as are asked for, unless something else is said', () => {
    expect(train('--steps=20000').values).toMatchObject({
      steps: 20_000,
      epochs: null,
      targetAccuracy: null,
    });
    expect(train('--steps=20000', '--epochs=3', '--target-accuracy=0.9').values).toMatchObject({
      epochs: 3,
      targetAccuracy: 0.9,
    });
    expect(train('--target-accuracy=none').values).toMatchObject({
      epochs: 10,
      targetAccuracy: null,
    });
  });

  it('validates on one thing', () => {
    const error = refusal(() => train('--validation-split=0.2', '--validation-data=test'));
    expect(error.message).toBe('--validation-split and --validation-data both say what validates');
    expect(() => train('--validation-split=0.2', '--save-best=val_loss')).not.toThrow();
  });

  it('monitors only what is measured', () => {
    const error = refusal(() => train('--save-best=val_binary_accuracy'));
    expect(error.message).toBe('--save-best looks at val_binary_accuracy, which is not measured');
    expect(error.hint).toBe('Measure it with --metrics binary_accuracy.');
    expect(() => train('--save-best=binary_accuracy', '--metrics=binary_accuracy')).not.toThrow();
  });

  it('monitors training metrics without validation', () => {
    expect(() => train('--save-best=loss', '--validation-data=none')).not.toThrow();
  });
});
