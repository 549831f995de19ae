import type { News } from '../machine/commands.js';

type Refused = Extract<News, { news: 'refused' }>;

/** As many are told one by one, in so long; of all others, that there were more. */
const toldInWindow = 5;
const windowMs = 60_000;

/** What people are told of those that are refused: enough to mend a mistake, and little while somebody floods the port. */
export class Refusals {
  #begin = Number.NEGATIVE_INFINITY;
  #told = 0;
  #untold = 0;
  #last: Refused | null = null;

  /** @returns whether to tell of this one now */
  admit(refused: Refused, now: number): boolean {
    if (now - this.#begin >= windowMs && this.#untold === 0) {
      this.#begin = now;
      this.#told = 0;
    }
    this.#told += 1;
    if (this.#told <= toldInWindow) return true;
    this.#untold += 1;
    this.#last = refused;
    return false;
  }

  /** To be asked again and again. @returns what there is to tell of those that were not told; null: nothing yet */
  summary(now: number): string | null {
    if (this.#untold === 0 || now - this.#begin < windowMs) return null;
    const { code, message } = this.#last!;
    const text = `refused ${this.#untold} more in ${windowMs / 1000} s, the last one: ${code}: ${message}`;
    this.#untold = 0;
    return text;
  }
}
