import { LockstepError } from '@lockstep/core';
import { EventQueue, type Occurrence } from './eventQueue.js';

/**
 * A clock that jumps from one event to the next. Code that runs on promises fits in: after an event that has
 * settled one (`settled`), time stands still until all that follows from it has run.
 */
export class VirtualTime {
  readonly #queue = new EventQueue();
  #now = 0;
  #events = 0;
  #settled = false;

  /** Seconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  /** @param time in seconds; what is past happens now */
  schedule(time: number, occurrence: Occurrence): void {
    if (Number.isNaN(time)) throw new LockstepError('INTERNAL', 'an event at no time');
    this.#queue.push(Math.max(time, this.#now), occurrence);
  }

  /** Calls `action` at `time`, unless the timer is cancelled before. */
  at(time: number, action: () => void): Timer {
    const timer = new Timer(action);
    this.schedule(time, timer);
    return timer;
  }

  /** A promise has just been settled: what waits for it runs before time goes on. */
  settled(): void {
    this.#settled = true;
  }

  /** Resolves at `time`. */
  until(time: number): Promise<void> {
    return new Promise((resolve) => {
      this.at(time, () => {
        resolve();
        this.settled();
      });
    });
  }

  /** Lets everything happen, until nothing more is to happen. */
  async run(): Promise<void> {
    await nothingLeft();
    while (this.#queue.size > 0) {
      this.#now = this.#queue.nextTime;
      this.#events += 1;
      this.#queue.pop().happen();
      if (!this.#settled) continue;
      this.#settled = false;
      await nothingLeft();
    }
    await nothingLeft();
  }
}

/** Of one call. */
export class Timer implements Occurrence {
  #action: (() => void) | null;

  constructor(action: () => void) {
    this.#action = action;
  }

  happen(): void {
    this.#action?.();
  }

  cancel(): void {
    this.#action = null;
  }
}

/** Immediates come when there are no microtasks left, however long their chains. */
const nothingLeft = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
