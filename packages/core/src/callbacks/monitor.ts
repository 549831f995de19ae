import { LockstepError } from '../errors.js';
import type { Logs } from '../metrics/index.js';

export type MonitorMode = 'auto' | 'min' | 'max';

export interface MonitorOptions {
  /** The metric's name in the epoch's logs: `val_loss` (default), `val_accuracy`, `loss`, `accuracy`. */
  monitor?: string;
  /** Whether less (`min`) or more (`max`) is better; `auto` (default) knows it for loss and accuracy. */
  mode?: MonitorMode;
  /** A smaller change than this is no improvement; its sign does not matter. */
  minDelta?: number;
}

/** The monitored metric of one epoch: its value, or the sentence that says why there is none. */
export type Reading = { value: number } | { value: undefined; warning: string | undefined };

/**
 * What EarlyStopping, ModelCheckpoint and ReduceLROnPlateau have in common: reading a metric and judging
 * it. After `keras/src/callbacks/monitor_callback.py`; an improvement on r is, for `min`,
 * value + minDelta < r, and for `max`, value - minDelta > r. NaN improves on nothing, and nothing on NaN.
 */
export class Monitor {
  readonly metric: string;
  readonly #better: 'min' | 'max';
  readonly #minDelta: number;
  #warned = false;

  /** @param owner the callback's name, for messages. USAGE when `auto` cannot tell the direction. */
  constructor(
    private readonly owner: string,
    { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions,
  ) {
    this.metric = monitor;
    this.#better = mode === 'auto' ? directionOf(owner, monitor) : checkedMode(owner, mode);
    this.#minDelta = Math.abs(minDelta);
  }

  /** The first epoch without the metric gets a warning; Python shows Keras's only once, too. */
  read(logs: Logs, consequence: string): Reading {
    const value = logs[this.metric];
    if (value !== undefined) return { value };
    if (this.#warned) return { value, warning: undefined };
    this.#warned = true;
    const available = Object.keys(logs).join(', ') || 'none';
    return {
      value,
      warning: `${this.owner}: there is no metric ${this.metric}, so ${consequence}. Available metrics: ${available}.`,
    };
  }

  /** Whether `value` is better than `reference`; anything is better than null. */
  improves(value: number, reference: number | null): boolean {
    if (reference === null) return true;
    return this.#better === 'min'
      ? value + this.#minDelta < reference
      : value - this.#minDelta > reference;
  }
}

/** Only these two metrics exist in Lockstep itself; Keras, too, refuses to guess for others. */
function directionOf(owner: string, monitor: string): 'min' | 'max' {
  const metric = monitor.replace(/^val_/, '');
  if (metric === 'loss') return 'min';
  if (metric === 'accuracy') return 'max';
  throw new LockstepError(
    'USAGE',
    `${owner} cannot tell whether less or more of "${monitor}" is better`,
    { hint: "Give mode 'min' or 'max'." },
  );
}

function checkedMode(owner: string, mode: 'min' | 'max'): 'min' | 'max' {
  if (mode === 'min' || mode === 'max') return mode;
  throw new LockstepError('USAGE', `${owner} knows no mode "${String(mode)}"`, {
    hint: "Give mode 'auto', 'min' or 'max'.",
  });
}
