import { z } from 'zod';
import { anyNumber } from '../anyNumber.js';
import { LockstepError } from '../errors.js';
import type { Logs } from '../metrics/index.js';
import type { Callback } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';
import { parseState } from './state.js';
import type { Verdict } from './verdict.js';

export interface ModelCheckpointOptions extends Omit<MonitorOptions, 'minDelta'> {
  /** Save only when the monitored metric improved, and as the best one. Default false. */
  saveBestOnly?: boolean;
  /** After each epoch (default), or after every so many steps, counted across epochs. */
  saveFrequency?: 'epoch' | number;
  /** The metric must beat this value before anything is the best. */
  initialValueThreshold?: number;
  /** 1 says why it saved or did not. Default 0. */
  verbose?: 0 | 1;
}

const stateSchema = z.strictObject({
  best: anyNumber.nullable(),
  stepsSinceSave: z.number().int().nonnegative(),
});

/**
 * Asks for checkpoints; it never writes one, the coordinator is the only writer.
 * https://keras.io/api/callbacks/model_checkpoint/
 *
 * With `saveBestOnly` but without the metric it saves all the same, as Keras does, though not as the best.
 */
export class ModelCheckpoint implements Callback {
  readonly name = 'ModelCheckpoint';
  readonly #monitor: Monitor;
  readonly #saveBestOnly: boolean;
  readonly #saveFrequency: 'epoch' | number;
  readonly #threshold: number | null;
  readonly #verbose: 0 | 1;
  #best: number | null;
  #stepsSinceSave = 0;

  /** USAGE for a frequency that is neither `epoch` nor a positive whole number. */
  constructor(options: ModelCheckpointOptions = {}) {
    this.#monitor = new Monitor(this.name, options);
    this.#saveBestOnly = options.saveBestOnly ?? false;
    this.#saveFrequency = checkedFrequency(options.saveFrequency ?? 'epoch');
    this.#threshold = options.initialValueThreshold ?? null;
    this.#verbose = options.verbose ?? 0;
    this.#best = this.#threshold;
  }

  /** Has nothing to say about single steps. */
  get savesByEpoch(): boolean {
    return this.#saveFrequency === 'epoch';
  }

  onTrainBegin(): undefined {
    this.#best = this.#threshold;
    this.#stepsSinceSave = 0;
  }

  onStepEnd(step: number, logs: Logs): Verdict | undefined {
    if (this.#saveFrequency === 'epoch') return undefined;
    this.#stepsSinceSave += 1;
    if (this.#stepsSinceSave < this.#saveFrequency) return undefined;
    this.#stepsSinceSave = 0;
    return this.#save(`Step ${step + 1}`, logs);
  }

  onEpochEnd(epoch: number, logs: Logs): Verdict | undefined {
    return this.#saveFrequency === 'epoch' ? this.#save(`Epoch ${epoch + 1}`, logs) : undefined;
  }

  state(): unknown {
    return { best: this.#best, stepsSinceSave: this.#stepsSinceSave };
  }

  restore(state: unknown): void {
    const { best, stepsSinceSave } = parseState(this.name, stateSchema, state);
    this.#best = best;
    this.#stepsSinceSave = stepsSinceSave;
  }

  #save(when: string, logs: Logs): Verdict | undefined {
    if (!this.#saveBestOnly) {
      return { save: 'latest', ...this.#say(`${when}: saving model`) };
    }
    const reading = this.#monitor.read(logs, 'it cannot tell the best model and saves each');
    if (reading.value === undefined) {
      const { warning } = reading;
      return { save: 'latest', ...(warning !== undefined && { messages: [warning] }) };
    }
    const metric = this.#monitor.metric;
    const before = this.#best === null ? 'None' : this.#best.toFixed(5);
    if (!this.#monitor.improves(reading.value, this.#best)) {
      return this.#say(`${when}: ${metric} did not improve from ${before}`);
    }
    this.#best = reading.value;
    const change = `improved from ${before} to ${reading.value.toFixed(5)}`;
    return { save: 'best', ...this.#say(`${when}: ${metric} ${change}, saving model`) };
  }

  #say(message: string): Verdict | undefined {
    return this.#verbose > 0 ? { messages: [message] } : undefined;
  }
}

function checkedFrequency(frequency: 'epoch' | number): 'epoch' | number {
  if (frequency === 'epoch' || (Number.isInteger(frequency) && frequency > 0)) return frequency;
  throw new LockstepError('USAGE', `ModelCheckpoint cannot save every "${frequency}"`, {
    hint: "Give 'epoch', or a number of steps above 0.",
  });
}
