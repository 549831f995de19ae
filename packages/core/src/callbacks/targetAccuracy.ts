import { LockstepError } from '../errors.js';
import type { Logs } from '../metrics/index.js';
import type { Callback } from './callback.js';
import type { Verdict } from './verdict.js';

export interface TargetAccuracyOptions {
  /** A fraction: 0.995 is 99.5 %. */
  target: number;
  /** Which metric must rise above it. Default: `accuracy`, of the training samples. */
  metric?: string;
}

/**
 * Stops training after the epoch whose accuracy is above the target: the callback of the TensorFlow
 * tutorials (`if logs.get('accuracy') > 0.995: self.model.stop_training = True`).
 */
export class TargetAccuracy implements Callback {
  readonly name = 'TargetAccuracy';
  readonly #target: number;
  readonly #metric: string;

  /** USAGE for a target that is not a fraction. */
  constructor({ target, metric = 'accuracy' }: TargetAccuracyOptions) {
    if (!(target >= 0 && target <= 1)) {
      throw new LockstepError('USAGE', `the target accuracy ${target} is not between 0 and 1`, {
        hint: 'Give it as a fraction: 0.995 for 99.5 %.',
      });
    }
    this.#target = target;
    this.#metric = metric;
  }

  onEpochEnd(_epoch: number, logs: Logs): Verdict | undefined {
    const reached = logs[this.#metric];
    if (reached === undefined || !(reached > this.#target)) return undefined;
    // Twelve digits hide the rounding of the multiplication: 0.57 * 100 is 56.99999999999999.
    const percentage = Number((this.#target * 100).toPrecision(12));
    return {
      stop: { message: `Reached ${percentage}% ${this.#metric} so cancelling training!` },
    };
  }
}
