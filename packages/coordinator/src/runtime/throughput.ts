import type { News } from '../machine/commands.js';

/** Steps of this process that do not count: warm-up. */
export const warmUpSteps = 20;

/**
 * Training images over wall time, for the whole cluster: after the first 20 steps, with evaluation,
 * checkpoints and callbacks left out.
 */
export class Throughput {
  #images = 0;
  #milliseconds = 0;
  #steps = 0;
  /** When the present stretch of steps was last measured; null: between stretches. */
  #mark: number | null = null;

  observe(news: News, now: number): void {
    if (news.news === 'training') {
      this.#mark = now;
    } else if (news.news === 'step') {
      this.#steps += 1;
      if (this.#mark !== null && this.#steps > warmUpSteps) {
        this.#images += news.samples;
        this.#milliseconds += now - this.#mark;
      }
      this.#mark = now;
    }
  }

  /** Null until there is something measured. */
  get imagesPerSecond(): number | null {
    return this.#milliseconds > 0 ? (this.#images / this.#milliseconds) * 1000 : null;
  }
}
