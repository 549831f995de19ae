import type { Barrier, Contribution } from './collective.js';

/**
 * The coordinator's barrier, passed one step late: a rank reports a step and goes on, and hears what the coordinator
 * says of it before it reports the next one. So the answer travels while the rank computes.
 */
export class TrailingBarrier {
  /** To the last report; null: it was heard, or there was none. */
  #answer: Promise<{ readonly proceed: boolean }> | null = null;

  constructor(private readonly barrier: Barrier) {}

  /** Only once the answer to the report before was heard. */
  report(contribution: Contribution): void {
    this.#answer = this.barrier.contribute(contribution);
    // Whoever hears the answer is told that it was given up; it need not be heard.
    this.#answer.catch(() => undefined);
  }

  /**
   * @returns whether the ranks go on after the step that was reported last; true where there was none
   * @throws Halted
   */
  async hear(): Promise<boolean> {
    const answer = this.#answer;
    this.#answer = null;
    return answer === null || (await answer).proceed;
  }
}
