import { z } from 'zod';
import { LockstepError } from '../errors.js';
import type { Logs } from '../metrics/index.js';
import type { Callback, CallbackContext } from './callback.js';
import { parseState } from './state.js';
import { mergeVerdicts, type Verdict, verdictSchema } from './verdict.js';

const savedSchema = z.strictObject({
  /** The last epoch that was begun; null before the first. */
  epochBegun: z.number().int().nonnegative().nullable(),
  /** By the callback's name and its number among those of that name: `EarlyStopping#0`. */
  callbacks: z.record(z.string(), z.unknown()),
});

type Given = Verdict | undefined | Promise<Verdict | undefined>;

/**
 * Runs callbacks in order and merges their verdicts into one. Each sees the learning rate as the ones
 * before it left it. Does no I/O of its own; a callback that throws, or returns what is no verdict, stops
 * the run by name (USER_CODE).
 */
export class CallbackList {
  readonly #entries: readonly { key: string; callback: Callback }[];
  #context: CallbackContext;
  #epochBegun: number | null = null;

  /** @param context on a resume with the learning rate of the checkpoint */
  constructor(callbacks: readonly Callback[], context: CallbackContext) {
    const seen = new Map<string, number>();
    this.#entries = callbacks.map((callback) => {
      const number = seen.get(callback.name) ?? 0;
      seen.set(callback.name, number + 1);
      return { key: `${callback.name}#${number}`, callback };
    });
    this.#context = context;
  }

  get learningRate(): number {
    return this.#context.learningRate;
  }

  /**
   * Begins, or continues from what `state` gave: each callback first starts from nothing, then takes its
   * state over. A callback that is new on the resume just starts.
   */
  async onTrainBegin(saved?: unknown): Promise<Verdict> {
    const verdict = await this.#run('onTrainBegin', (callback, context) =>
      callback.onTrainBegin?.(context),
    );
    if (saved !== undefined) this.#restore(saved);
    return verdict;
  }

  /**
   * A run that resumes in the middle of an epoch began that epoch before: its callbacks are not asked
   * again, or a schedule would be applied twice.
   */
  async onEpochBegin(epoch: number): Promise<Verdict> {
    if (this.#epochBegun === epoch) return {};
    this.#epochBegun = epoch;
    return await this.#run('onEpochBegin', (callback, context) =>
      callback.onEpochBegin?.(epoch, context),
    );
  }

  onStepEnd(step: number, logs: Logs): Verdict {
    let merged: Verdict = {};
    for (const { callback } of this.#entries) {
      const given = guarded(callback, 'onStepEnd', () =>
        callback.onStepEnd?.(step, logs, this.#context),
      );
      merged = mergeVerdicts(merged, this.#take(callback, 'onStepEnd', given));
    }
    return merged;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<Verdict> {
    return await this.#run('onEpochEnd', (callback, context) =>
      callback.onEpochEnd?.(epoch, logs, context),
    );
  }

  async onTrainEnd(): Promise<Verdict> {
    return await this.#run('onTrainEnd', (callback, context) => callback.onTrainEnd?.(context));
  }

  /** JSON-able (NaN aside), for `onTrainBegin` of the run that resumes. */
  state(): unknown {
    const states = this.#entries
      .filter(({ callback }) => callback.state !== undefined)
      .map(({ key, callback }) => [key, guarded(callback, 'state', () => stateOf(callback))]);
    const saved: z.infer<typeof savedSchema> = {
      epochBegun: this.#epochBegun,
      callbacks: Object.fromEntries(states),
    };
    return saved;
  }

  #restore(saved: unknown): void {
    const { epochBegun, callbacks } = parseState('CallbackList', savedSchema, saved);
    this.#epochBegun = epochBegun;
    for (const { key, callback } of this.#entries) {
      if (Object.hasOwn(callbacks, key)) {
        guarded(callback, 'restore', () => callback.restore?.(callbacks[key]));
      }
    }
  }

  async #run(
    hook: string,
    call: (callback: Callback, context: CallbackContext) => Given,
  ): Promise<Verdict> {
    let merged: Verdict = {};
    for (const { callback } of this.#entries) {
      const given = await guardedAsync(callback, hook, () => call(callback, this.#context));
      merged = mergeVerdicts(merged, this.#take(callback, hook, given));
    }
    return merged;
  }

  /** Believes a verdict only after it was checked, and lets the next callback see its learning rate. */
  #take(callback: Callback, hook: string, given: unknown): Verdict {
    if (given === undefined || given === null) return {};
    if (given instanceof Promise) {
      given.catch(() => undefined);
      throw userError(callback, hook, 'returned a promise, but nothing waits for one there');
    }
    const parsed = verdictSchema.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
      throw userError(callback, hook, `returned what is no verdict: ${where}${issue?.message}`);
    }
    const { learningRate } = parsed.data;
    if (learningRate !== undefined) this.#context = { ...this.#context, learningRate };
    return parsed.data;
  }
}

/** Fails here, where the callback is known, when its state cannot be written (a cycle, a BigInt). */
function stateOf(callback: Callback): unknown {
  const state = callback.state?.();
  JSON.stringify(state);
  return state;
}

function guarded<Result>(callback: Callback, hook: string, call: () => Result): Result {
  try {
    return call();
  } catch (thrown) {
    throw asUserError(callback, hook, thrown);
  }
}

async function guardedAsync<Result>(
  callback: Callback,
  hook: string,
  call: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    throw asUserError(callback, hook, thrown);
  }
}

/** Errors with a code keep it: a CSV file that cannot be written is no fault of the user's code. */
function asUserError(callback: Callback, hook: string, thrown: unknown): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return userError(callback, hook, `threw: ${text}`, thrown);
}

function userError(callback: Callback, hook: string, what: string, cause?: unknown): LockstepError {
  return new LockstepError('USER_CODE', `${hook} of the callback "${callback.name}" ${what}`, {
    hint: 'Correct the callback; a hook returns nothing or a verdict such as { stop: { message } }.',
    cause,
  });
}
