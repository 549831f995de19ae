import { z } from 'zod';
import { LockstepError } from '../errors.js';
import type { Callback, CallbackContext } from './callback.js';
import { parseState } from './state.js';
import type { Verdict } from './verdict.js';

/** What a schedule may know beyond Keras's two arguments. */
export interface SchedulePlan {
  /** Planned number of epochs. */
  readonly epochs: number;
  /** The learning rate that training began with. */
  readonly initialLearningRate: number;
}

/** The learning rate of the epoch (from 0), given the present one. */
export type LearningRateSchedule = (
  epoch: number,
  learningRate: number,
  plan: SchedulePlan,
) => number;

const stateSchema = z.strictObject({ initialLearningRate: z.number() });

/**
 * Sets the learning rate at the beginning of each epoch.
 * https://keras.io/api/callbacks/learning_rate_scheduler/
 */
export class LearningRateScheduler implements Callback {
  readonly name = 'LearningRateScheduler';
  readonly #verbose: 0 | 1;
  #initialLearningRate: number | undefined;

  constructor(
    private readonly schedule: LearningRateSchedule,
    { verbose = 0 }: { verbose?: 0 | 1 } = {},
  ) {
    this.#verbose = verbose;
  }

  onTrainBegin({ learningRate }: CallbackContext): undefined {
    this.#initialLearningRate = learningRate;
  }

  /** USER_CODE when the schedule gives anything but a number from 0 up. */
  onEpochBegin(epoch: number, { epochs, learningRate }: CallbackContext): Verdict {
    const initialLearningRate = this.#initialLearningRate ?? learningRate;
    const next: unknown = this.schedule(epoch, learningRate, { epochs, initialLearningRate });
    if (typeof next !== 'number' || !Number.isFinite(next) || next < 0) {
      throw new LockstepError(
        'USER_CODE',
        `the schedule of ${this.name} gave ${String(next)} as learning rate of epoch ${epoch}`,
        { hint: 'Return a number from 0 up.' },
      );
    }
    const message = `Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${next}.`;
    return { learningRate: next, ...(this.#verbose > 0 && { messages: [message] }) };
  }

  state(): unknown {
    return { initialLearningRate: this.#initialLearningRate };
  }

  restore(state: unknown): void {
    this.#initialLearningRate = parseState(this.name, stateSchema, state).initialLearningRate;
  }
}
