import type { Logs } from '../metrics/index.js';

/**
 * What a callback wants to happen. Callbacks observe and return a verdict; the coordinator carries it
 * out for the whole cluster, so that no rank ever decides alone.
 */
export interface Verdict {
  /** Stop training at this step boundary; the text is shown to the user. */
  stop?: { message: string };
  /** Stop training as failed, without saving the weights of this step as good. */
  fail?: { message: string };
  /** Train on with this learning rate. */
  learningRate?: number;
  /** Write a checkpoint now; `best` also keeps it as the best one. */
  save?: 'latest' | 'best';
  /** Keep a copy of the present weights, to be put back by `restoreWeights`. */
  rememberWeights?: boolean;
  /** Put the remembered weights back into every rank before the run ends. */
  restoreWeights?: boolean;
}

export interface CallbackContext {
  /** Planned number of epochs. */
  readonly epochs: number;
  readonly learningRate: number;
}

/**
 * A training callback after `keras.callbacks.Callback`: run once, in the coordinator, over metrics of the
 * whole cluster. Epochs and steps count from 0, as in Keras. `state` and `restore` carry it over a resume.
 */
export interface Callback {
  readonly name: string;
  onTrainBegin?(context: CallbackContext): Verdict | undefined | Promise<Verdict | undefined>;
  onEpochBegin?(
    epoch: number,
    context: CallbackContext,
  ): Verdict | undefined | Promise<Verdict | undefined>;
  /** `logs`: means over this step's global batch. Must be fast: it is on the path of every step. */
  onStepEnd?(step: number, logs: Logs, context: CallbackContext): Verdict | undefined;
  /** `logs`: loss, accuracy over the epoch's samples, and val_loss, val_accuracy where there is validation. */
  onEpochEnd?(
    epoch: number,
    logs: Logs,
    context: CallbackContext,
  ): Verdict | undefined | Promise<Verdict | undefined>;
  onTrainEnd?(context: CallbackContext): Verdict | undefined | Promise<Verdict | undefined>;
  /** JSON-able state for the checkpoint. */
  state?(): unknown;
  restore?(state: unknown): void;
}
