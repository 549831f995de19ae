import type { Logs } from '../metrics/index.js';
import type { Verdict } from './verdict.js';

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
  /** Starts from nothing, also when the same object trained before. */
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
  /** JSON-able state for the checkpoint; NaN and infinities survive. */
  state?(): unknown;
  /** Takes over what `state` gave. On a resume it comes after `onTrainBegin`. */
  restore?(state: unknown): void;
}
