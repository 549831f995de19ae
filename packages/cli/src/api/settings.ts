import type { Callback } from '@lockstep/core/callbacks';
import type { CreateModel } from '@lockstep/worker';
import type { DatasetChoice, OptimizerChoice } from '../model/userModule.js';
import type { coordinatorFlags } from '../options/coordinator.js';
import type { ValuesOf } from '../options/flag.js';

type Values = ValuesOf<typeof coordinatorFlags>;

/** Where an option of the command line has another name within. */
type Named = {
  checkpointMs: 'checkpointSeconds';
  joinTimeoutMs: 'joinTimeout';
  stepTimeoutMs: 'stepTimeout';
  heartbeatTimeoutMs: 'heartbeatTimeout';
  rejoinTimeoutMs: 'rejoinTimeout';
  validation: 'validationData';
};

/** What a program has other words for than texts. */
type Own = 'workers' | 'model' | 'dataset' | 'optimizer' | 'callbacks' | 'json' | 'verbose';

/** The flags of `lockstep train` and `lockstep coordinator`. */
type FlagSettings = {
  readonly [Key in keyof Omit<Values, Own> as Key extends keyof Named ? Named[Key] : Key]?:
    | Values[Key]
    | undefined;
};

/**
 * What to train, and how: the flags of `lockstep train` in camelCase (`--batch-size` is `batchSize`), with the same
 * values, defaults and refusals; times are in seconds. With `listen` it is `lockstep coordinator`.
 */
export interface TrainSettings extends FlagSettings {
  /** So many processes, `0`: all in this one, `'2:4'`: four, of which two are enough; by default 2, with `listen` 1. */
  readonly workers?: number | `${number}:${number}`;
  /** One of the house, a file, or a function that makes one; by default `cnn`. */
  readonly model?: string | CreateModel;
  /** One of the house, a directory, or arrays; by default `mnist`. */
  readonly dataset?: DatasetChoice;
  /** Name or object, with Keras's defaults: `{ name: 'sgd', momentum: 0.9 }`; by default `adam`. */
  readonly optimizer?: OptimizerChoice;
  /** Files or callbacks; they run once, in this process, over the metrics of the whole cluster. */
  readonly callbacks?: readonly (string | Callback)[];
  /** Also show the run on stdout, as `--verbose` does; by default nothing is printed. */
  readonly verbose?: Values['verbose'];
  /** Aborting is what Ctrl-C is in a terminal: a checkpoint after the present step, and the end. */
  readonly signal?: AbortSignal;
}
