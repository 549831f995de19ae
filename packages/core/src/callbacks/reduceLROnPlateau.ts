import { z } from 'zod';
import { anyNumber } from '../anyNumber.js';
import { LockstepError } from '../errors.js';
import type { Logs } from '../metrics/index.js';
import type { Callback, CallbackContext } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import { parseState } from './state.js';
import type { Verdict } from './verdict.js';

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied with; in (0, 1). Default 0.1. */
  factor?: number;
  /** Epochs without improvement before the learning rate is reduced. Default 10. */
  patience?: number;
  /** 1 says each new learning rate. Default 0. */
  verbose?: 0 | 1;
  /** Epochs after a reduction in which nothing is counted. Default 0. */
  cooldown?: number;
  /** The learning rate is never reduced below this. Default 0. */
  minLearningRate?: number;
}

const stateSchema = z.strictObject({
  best: anyNumber.nullable(),
  wait: z.number().int().nonnegative(),
  cooldown: z.number().int().nonnegative(),
});

const fresh: z.infer<typeof stateSchema> = { best: null, wait: 0, cooldown: 0 };

/**
 * Reduces the learning rate when a metric has stopped improving:
 * rate <- max(rate * factor, minLearningRate). `minDelta` is 1e-4 unless given.
 * https://keras.io/api/callbacks/reduce_lr_on_plateau/
 */
export class ReduceLROnPlateau implements Callback {
  readonly name = 'ReduceLROnPlateau';
  readonly #monitor: Monitor;
  readonly #factor: number;
  readonly #patience: number;
  readonly #verbose: 0 | 1;
  readonly #cooldown: number;
  readonly #minLearningRate: number;
  #state = fresh;

  /** USAGE for a factor that would not reduce. */
  constructor(options: ReduceLROnPlateauOptions = {}) {
    this.#monitor = new Monitor(this.name, {
      ...options,
      minDelta: options.minDelta ?? 1e-4,
    });
    this.#factor = options.factor ?? 0.1;
    if (!(this.#factor > 0 && this.#factor < 1)) {
      throw new LockstepError('USAGE', `${this.name} got the factor ${this.#factor}`, {
        hint: 'Give a factor between 0 and 1, for example 0.5 to halve the learning rate.',
      });
    }
    this.#patience = options.patience ?? 10;
    this.#verbose = options.verbose ?? 0;
    this.#cooldown = options.cooldown ?? 0;
    this.#minLearningRate = options.minLearningRate ?? 0;
  }

  onTrainBegin(): undefined {
    this.#state = fresh;
  }

  onEpochEnd(epoch: number, logs: Logs, { learningRate }: CallbackContext): Verdict | undefined {
    const reading = this.#monitor.read(logs, 'the learning rate is not reduced');
    if (reading.value === undefined) {
      return reading.warning === undefined ? undefined : { messages: [reading.warning] };
    }
    const cooldown = Math.max(this.#state.cooldown - 1, 0);
    const wait = this.#state.cooldown > 0 ? 0 : this.#state.wait;
    if (this.#monitor.improves(reading.value, this.#state.best)) {
      this.#state = { best: reading.value, wait: 0, cooldown };
      return undefined;
    }
    this.#state = { ...this.#state, wait: cooldown > 0 ? wait : wait + 1, cooldown };
    if (cooldown > 0 || wait + 1 < this.#patience) return undefined;
    // Rates are float32 where they are applied: one that equals the bound there is not above it.
    if (Math.fround(learningRate) <= Math.fround(this.#minLearningRate)) return undefined;

    this.#state = { ...this.#state, wait: 0, cooldown: this.#cooldown };
    const reduced = Math.max(learningRate * this.#factor, this.#minLearningRate);
    const message = `Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${reduced}.`;
    return { learningRate: reduced, ...(this.#verbose > 0 && { messages: [message] }) };
  }

  state(): unknown {
    return this.#state;
  }

  restore(state: unknown): void {
    this.#state = parseState(this.name, stateSchema, state);
  }
}
