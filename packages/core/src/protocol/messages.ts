import { z } from 'zod';
import { errorCodes } from '../errors.js';
import { rateScalingSchema } from '../learningRate.js';
import { metricSumsSchema } from '../metrics/index.js';
import { modelSpecSchema, parameterSchema } from '../model/index.js';
import { onNaNPolicies } from '../onNaN.js';
import { optimizerConfigSchema } from '../optimizer.js';
import { precisions } from '../precision.js';
import { allReduceNames } from '../reducer/choose.js';
import { compressions } from '../reducer/reducer.js';
import { printable } from './printable.js';
import { rankTimesSchema } from './rankTimes.js';

/**
 * Everything that crosses the wire, defined here and nowhere else; types are inferred from the schemas.
 * A message is a small header (these fields) and named tensors (`tensorRules`), which travel as raw frames.
 * Any change of meaning raises the version.
 */
export const protocolVersion = 6;

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** For people: nothing in it moves a cursor, or changes what a terminal has shown. */
const text = z.string().max(100_000).transform(printable);
const name = z.string().min(1).max(200).transform(printable);
const errorCode = z.enum(errorCodes as [(typeof errorCodes)[number], ...typeof errorCodes]);
/** Ranks of one cluster; also the most that one message can introduce. */
const maxRanks = 65_536;
const milliseconds = z.number().nonnegative();

/** Which run, and which membership of it, a message belongs to; stale ones are refused. */
const scope = { run: name, generation: count };

const rangeSchema = z
  .strictObject({ begin: count, end: count })
  .refine(({ begin, end }) => begin <= end, 'begin must not exceed end');

/** Where the other ranks find this one. */
const peerSchema = z.strictObject({
  /** `tcp://HOST:PORT`; null: it can be reached by shared memory only. */
  address: name.nullable(),
  /** The same for those that can share memory with each other, and for nobody else. */
  host: name,
});

export const datasetDescriptionSchema = z.strictObject({
  name,
  hash: sha256,
  trainSize: count,
  validationSize: count,
  testSize: count,
  imageShape: z.tuple([count, count, count]).readonly(),
  classes: count,
});

/** So many steps, and no more, may be in one report. */
export const mostReported = 16;

const stepPart = {
  samples: count,
  metrics: metricSumsSchema,
  /** Of the same samples before the step, in inference mode; where `logEvery` of `welcome` says so. */
  logged: metricSumsSchema.optional(),
  /** Its loss or its gradient is no number; where `onNaN` of `welcome` has ranks look. */
  finite: z.literal(false).optional(),
  /** Of the step before this one, where this membership had one; on the clock of `pong`. */
  times: rankTimesSchema.optional(),
};

/** Worker to coordinator. */
const workerSchemas = {
  /** The first word. What the worker `expects` is compared; a difference is refused with a code. */
  hello: z.strictObject({
    kind: z.literal('hello'),
    protocol: count,
    version: name,
    host: name,
    pid: count,
    engine: name,
    /** What the engine runs on, for people: `tensorflow 2.21.0 (GPU 1)`. */
    device: name,
    /** Local workers have a number, so that rank, process and log file agree. */
    slot: count.optional(),
    expects: z.strictObject({
      run: name.optional(),
      modelHash: sha256.optional(),
      datasetHash: sha256.optional(),
      configHash: sha256.optional(),
    }),
  }),
  /** Model built and data found. */
  ready: z.strictObject({
    kind: z.literal('ready'),
    ...scope,
    modelHash: sha256,
    /** The weights in order; the gradient is that of the trainable ones. */
    parameters: z.array(parameterSchema).max(10_000),
    samples: z.enum(['local', 'remote']),
    /** Null where `welcome` asks for none, or where none can be had. */
    peer: peerSchema.nullable(),
    /** What it was trained to under a coordinator of this run that is gone; null: nothing. */
    holds: z
      .strictObject({
        cursor: z.strictObject({ epoch: count, step: count, position: count }),
        /** Of the optimizer; fewer than steps where some were skipped. */
        updates: count,
        learningRate: z.number().nonnegative(),
        epochSums: metricSumsSchema,
      })
      .nullable(),
  }),
  /**
   * Answers `link`: the algorithm works, or why it does not. `milliseconds` is the shortest of the
   * all-reduces that were measured, null where none was to be.
   */
  linked: z.strictObject({
    kind: z.literal('linked'),
    ...scope,
    request: count,
    milliseconds: milliseconds.nullable(),
    failure: z.strictObject({ code: errorCode, message: text }).nullable(),
  }),
  /** What `contribution` is in training, while `star` is measured. Tensor: `gradient`. */
  probe: z.strictObject({ kind: z.literal('probe'), ...scope, request: count, round: count }),
  /**
   * Answers `send-state`. Tensors: `weights` where they were asked for, and `slot:NAME` for each optimizer slot, of
   * which a rank has its part where the optimizer is in parts.
   */
  state: z.strictObject({ kind: z.literal('state'), ...scope, request: count, iterations: count }),
  /** Answers `load-state` and `send-hash`. */
  hash: z.strictObject({
    kind: z.literal('hash'),
    ...scope,
    request: count,
    weightsSha256: sha256,
  }),
  /**
   * One rank's part of one step, and of those before it that it has not reported yet. Tensor: `gradient`, where it goes
   * through the coordinator; without it, the rank holds the average or (a world of one) needs none.
   */
  contribution: z.strictObject({
    kind: z.literal('contribution'),
    ...scope,
    step: count,
    ...stepPart,
    /** In order, up to the step before this one. */
    before: z.array(z.strictObject(stepPart)).max(mostReported).optional(),
  }),
  /** Answers `evaluate`. */
  evaluated: z.strictObject({
    kind: z.literal('evaluated'),
    ...scope,
    request: count,
    metrics: metricSumsSchema,
  }),
  /** Asks for samples that this worker has no bytes of. `epoch` null: natural order, else permuted. */
  'data-request': z.strictObject({
    kind: z.literal('data-request'),
    ...scope,
    request: count,
    split: z.enum(['train', 'validation', 'test']),
    epoch: count.nullable(),
    ranges: z.array(rangeSchema).max(65_536),
  }),
  /** Answers `ping`; `step` shows progress, not only life, and `waitingFor` whose fault it is that there is none. */
  pong: z.strictObject({
    kind: z.literal('pong'),
    ...scope,
    step: count,
    /** Ranks without which this one cannot go on. */
    waitingFor: z.array(count).max(maxRanks),
    /** As in the `ping`. */
    askedAt: z.number(),
    /** When this is sent, on a clock of this worker's that only goes forward; microseconds. */
    answeredAt: count,
  }),
  /** The worker cannot go on. */
  failed: z.strictObject({
    kind: z.literal('failed'),
    ...scope,
    code: errorCode,
    message: text,
    hint: text.optional(),
  }),
  /** The worker was told to stop by its own user. */
  leaving: z.strictObject({ kind: z.literal('leaving'), ...scope, reason: text }),
} as const;

/** Coordinator to worker. */
const coordinatorSchemas = {
  /** What to build. The rank comes later, when the cluster is complete. */
  welcome: z.strictObject({
    kind: z.literal('welcome'),
    ...scope,
    seed: count,
    batchSize: count.positive(),
    optimizer: optimizerConfigSchema,
    precision: z.enum(precisions),
    model: modelSpecSchema,
    dataset: datasetDescriptionSchema,
    /** Whether ranks may come to talk among themselves: then `ready` says where this one is found. */
    peers: z.boolean(),
    /** What crosses between ranks of a gradient. */
    compression: z.enum(compressions),
    /** In how many parts a rank computes its share of a step, so that memory holds one of them. */
    accumulate: count.positive(),
    /** Whether each rank has its part of the optimizer, where there are several that add up among themselves. */
    shardOptimizer: z.boolean(),
    /** Ranks evaluate their part of a batch before they train it, every so many steps from 0 on; null: never. */
    logEvery: count.positive().nullable(),
    /** Whether ranks look for NaN and infinity in their gradients, and apply no step in which one was found. */
    onNaN: z.enum(onNaNPolicies),
    /** The run has a checkpoint; without one it begins with the weights that the seed gives. */
    hasCheckpoint: z.boolean(),
    /** How long a rank may take for one answer; milliseconds. */
    stepTimeoutMs: milliseconds,
    /** The coordinator is heard at least this often; milliseconds. */
    pingIntervalMs: count,
  }),
  /** You are not part of this; say why to your user and exit, unless it `mayPass`: then ask again in a while. */
  refuse: z.strictObject({
    kind: z.literal('refuse'),
    code: errorCode,
    message: text,
    hint: text.optional(),
    /** A place may become free: somebody may be gone without the coordinator knowing it yet. */
    mayPass: z.literal(true).optional(),
  }),
  /** Begins a generation of membership, and introduces the ranks to each other. */
  assign: z.strictObject({
    kind: z.literal('assign'),
    ...scope,
    rank: count,
    worldSize: count.positive(),
    /** By rank. */
    peers: z.array(peerSchema.nullable()).max(maxRanks),
    /** Random: tells what the ranks say to each other from whatever else comes their way. */
    channel: name,
  }),
  /** Try this algorithm, or train with it from now on: `measure` says which. Answered by `linked`. */
  link: z.strictObject({
    kind: z.literal('link'),
    ...scope,
    request: count,
    collective: z.enum(['single', ...allReduceNames]),
    measure: z.boolean(),
  }),
  /** What `averaged` is in training, while `star` is measured. Tensor: `gradient`. */
  probed: z.strictObject({ kind: z.literal('probed'), ...scope, request: count, round: count }),
  'send-state': z.strictObject({
    kind: z.literal('send-state'),
    ...scope,
    request: count,
    /** Whether to send the weights, too, which all ranks have. */
    weights: z.boolean(),
  }),
  /**
   * Replace weights and, where slots are brought, optimizer state. Tensors: `weights`, and `slot:NAME` of all
   * trainable weights, of which a rank keeps what is its own. Answered by `hash`.
   */
  'load-state': z.strictObject({
    kind: z.literal('load-state'),
    ...scope,
    request: count,
    /** Steps of the run that these weights are the result of. */
    step: count,
    iterations: count,
  }),
  'send-hash': z.strictObject({ kind: z.literal('send-hash'), ...scope, request: count }),
  /** Train this epoch from `position` (samples consumed) on; `step` counts over all epochs. */
  train: z.strictObject({
    kind: z.literal('train'),
    ...scope,
    epoch: count,
    position: count,
    step: count,
    /** Over the samples of this epoch that are used up. */
    epochSums: metricSumsSchema,
    /** The base rate; the one of a step comes from it by `scaling`. */
    learningRate: z.number().nonnegative(),
    scaling: rateScalingSchema,
    /** Where ranks stop by themselves, at the latest at the end of the epoch: after so many steps of the run. */
    until: count,
    /** Ranks report after so many steps each time, and once more when they stop. */
    reportEvery: count.positive().max(mostReported),
  }),
  /**
   * All have reported up to this step: go on if `proceed`. Tensor: `gradient`, as above, which is to be applied.
   * Ranks that add up among themselves have applied the step, and maybe some more. They hear this before they report
   * again: if they are to stop, they do not apply the last step that they would have reported then. A lone rank waits
   * for it.
   */
  averaged: z.strictObject({
    kind: z.literal('averaged'),
    ...scope,
    step: count,
    proceed: z.boolean(),
    /** Of the epoch, with this step; for a coordinator that comes after this one. */
    epochSums: metricSumsSchema,
  }),
  /** Leave the step that is under way without applying it; the state is that of the last applied one. */
  halt: z.strictObject({ kind: z.literal('halt'), ...scope }),
  evaluate: z.strictObject({
    kind: z.literal('evaluate'),
    ...scope,
    request: count,
    split: z.enum(['validation', 'test']),
    range: rangeSchema,
  }),
  /** Answers `data-request`. Tensors: `images`, `labels`. */
  'data-chunk': z.strictObject({ kind: z.literal('data-chunk'), ...scope, request: count }),
  /** `askedAt`: on the coordinator's clock, microseconds. */
  ping: z.strictObject({ kind: z.literal('ping'), ...scope, askedAt: z.number() }),
  /** The run is over for this worker; `code` is there when it failed. */
  stop: z.strictObject({
    kind: z.literal('stop'),
    ...scope,
    code: errorCode.nullable(),
    message: text,
  }),
} as const;

export type TensorType = 'float32' | 'uint8';

export interface TensorRule {
  /** Tensors that must be there. */
  readonly required?: Readonly<Record<string, TensorType>>;
  /** Tensors that may be there. */
  readonly optional?: Readonly<Record<string, TensorType>>;
  /** Any number of float32 tensors named `slot:...` may be there. */
  readonly slots?: boolean;
}

/** Which tensors each kind carries; kinds not named carry none. */
export const tensorRules: Readonly<Partial<Record<MessageKind, TensorRule>>> = {
  contribution: { optional: { gradient: 'float32' } },
  averaged: { optional: { gradient: 'float32' } },
  probe: { required: { gradient: 'float32' } },
  probed: { required: { gradient: 'float32' } },
  state: { optional: { weights: 'float32' }, slots: true },
  'load-state': { required: { weights: 'float32' }, slots: true },
  'data-chunk': { required: { images: 'uint8', labels: 'uint8' } },
};

type Schemas = typeof workerSchemas & typeof coordinatorSchemas;

export type MessageKind = keyof Schemas;
export type WorkerKind = keyof typeof workerSchemas;
export type CoordinatorKind = keyof typeof coordinatorSchemas;

/** The header of one kind. */
export type Header<Kind extends MessageKind = MessageKind> = z.infer<Schemas[Kind]>;
export type WorkerHeader = Header<WorkerKind>;
export type CoordinatorHeader = Header<CoordinatorKind>;

/** Who may say what: each side decodes only the other's kinds. */
export const schemasFrom = { worker: workerSchemas, coordinator: coordinatorSchemas } as const;

export type Sender = keyof typeof schemasFrom;
export type HeaderFrom<From extends Sender> = From extends 'worker'
  ? WorkerHeader
  : CoordinatorHeader;
