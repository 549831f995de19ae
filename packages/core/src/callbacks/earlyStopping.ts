import { z } from 'zod';
import { anyNumber } from '../anyNumber.js';
import type { Logs } from '../metrics/index.js';
import type { Callback } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import { parseState } from './state.js';
import type { Verdict } from './verdict.js';

export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement after which training stops. Default 0. */
  patience?: number;
  /** 1 says which epoch's weights were put back. Default 0. The reason to stop is always said. */
  verbose?: 0 | 1;
  /** An improvement must also beat this value to restart the wait. */
  baseline?: number;
  /** End with the weights of the best epoch instead of the last one. Default false. */
  restoreBestWeights?: boolean;
  /** Epochs that are not looked at, as a warm-up. Default 0. */
  startFromEpoch?: number;
}

const stateSchema = z.strictObject({
  wait: z.number().int().nonnegative(),
  best: anyNumber.nullable(),
  bestEpoch: z.number().int().nonnegative(),
  remembered: z.boolean(),
});

const fresh: z.infer<typeof stateSchema> = { wait: 0, best: null, bestEpoch: 0, remembered: false };

/**
 * Stops training when a monitored metric has stopped improving.
 * https://keras.io/api/callbacks/early_stopping/
 *
 * The best epoch's weights are put back at the end of training whether or not it was stopped early, as in
 * Keras 3. An epoch counts as best regardless of `baseline`; the baseline only decides on the wait.
 */
export class EarlyStopping implements Callback {
  readonly name = 'EarlyStopping';
  readonly #monitor: Monitor;
  readonly #patience: number;
  readonly #verbose: 0 | 1;
  readonly #baseline: number | null;
  readonly #restoreBestWeights: boolean;
  readonly #startFromEpoch: number;
  #state = fresh;

  constructor(options: EarlyStoppingOptions = {}) {
    this.#monitor = new Monitor(this.name, options);
    this.#patience = options.patience ?? 0;
    this.#verbose = options.verbose ?? 0;
    this.#baseline = options.baseline ?? null;
    this.#restoreBestWeights = options.restoreBestWeights ?? false;
    this.#startFromEpoch = options.startFromEpoch ?? 0;
  }

  onTrainBegin(): undefined {
    this.#state = fresh;
  }

  onEpochEnd(epoch: number, logs: Logs): Verdict | undefined {
    const reading = this.#monitor.read(logs, 'training is not stopped early');
    if (reading.value === undefined) {
      return reading.warning === undefined ? undefined : { messages: [reading.warning] };
    }
    if (epoch < this.#startFromEpoch) return undefined;

    const { wait, best, bestEpoch, remembered } = this.#state;
    const remember = this.#restoreBestWeights ? { rememberWeights: true } : undefined;
    if (this.#monitor.improves(reading.value, best)) {
      const beatsBaseline = this.#monitor.improves(reading.value, this.#baseline);
      this.#state = {
        wait: beatsBaseline ? 0 : wait + 1,
        best: reading.value,
        bestEpoch: epoch,
        remembered: remembered || this.#restoreBestWeights,
      };
      return remember;
    }
    this.#state = { wait: wait + 1, best, bestEpoch, remembered };
    // Keras never stops after the very first epoch, whatever the patience.
    if (wait + 1 >= this.#patience && epoch > 0) {
      return { stop: { message: `Epoch ${epoch + 1}: early stopping` } };
    }
    return undefined;
  }

  onTrainEnd(): Verdict | undefined {
    if (!this.#state.remembered) return undefined;
    const message = `Restoring model weights from the end of the best epoch: ${this.#state.bestEpoch + 1}.`;
    return { restoreWeights: true, ...(this.#verbose > 0 && { messages: [message] }) };
  }

  state(): unknown {
    return this.#state;
  }

  restore(state: unknown): void {
    this.#state = parseState(this.name, stateSchema, state);
  }
}
