import type { News } from '@lockstep/coordinator';

/**
 * Time and images of the epoch in progress. Training time leaves out what is between stretches of steps:
 * evaluation, callbacks, checkpoints. Milliseconds.
 */
export class EpochClock {
  #epoch = -1;
  #begunAt = 0;
  #stretchAt = 0;
  #trainedMs = 0;
  #steps = 0;
  #images = 0;

  constructor(private readonly now: () => number) {}

  /** @returns whether this is the beginning of an epoch (or where a resumed run goes on in one) */
  beginStretch({ cursor }: Extract<News, { news: 'training' }>): boolean {
    const now = this.now();
    this.#stretchAt = now;
    if (cursor.epoch === this.#epoch) return false;
    this.#epoch = cursor.epoch;
    this.#begunAt = now;
    this.#trainedMs = 0;
    this.#steps = 0;
    this.#images = 0;
    return true;
  }

  step(samples: number): void {
    const now = this.now();
    this.#trainedMs += now - this.#stretchAt;
    this.#stretchAt = now;
    this.#steps += 1;
    this.#images += samples;
  }

  /** Since the epoch began, evaluation included. */
  get elapsedMs(): number {
    return this.now() - this.#begunAt;
  }

  /** 0 before the first step. */
  get stepMs(): number {
    return this.#steps === 0 ? 0 : this.#trainedMs / this.#steps;
  }

  /** 0 before the first step. */
  get imagesPerSecond(): number {
    return this.#trainedMs === 0 ? 0 : (this.#images / this.#trainedMs) * 1000;
  }
}
