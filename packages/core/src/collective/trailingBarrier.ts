import type { Barrier, Contribution } from './collective.js';

/**
 * The coordinator's barrier, passed late: a rank reports some steps and goes on, and hears what the coordinator says of
 * them before it reports the next ones. So the answer travels while the rank computes.
 */
export class TrailingBarrier {
  /** To the last report; null: it was heard, or there was none. */
  #answer: ReturnType<Barrier['contribute']> | null = null;

  constructor(private readonly barrier: Barrier) {}

  /** Where the contribution `reports`: only once the answer to the report before was heard. */
  note(contribution: Contribution): void {
    this.#keep(this.barrier.contribute(contribution), contribution.reports);
  }

  /**
   * @returns whether the ranks go on after the steps that were reported last; true where there were none
   * @throws Halted
   */
  async hear(): Promise<boolean> {
    const answer = this.#answer;
    this.#answer = null;
    return answer === null || (await answer).proceed;
  }

  /** Reports what is noted, and hears all answers. */
  async settle(): Promise<void> {
    await this.hear();
    await this.barrier.flush();
  }

  #keep(answer: ReturnType<Barrier['contribute']>, reports: boolean): void {
    // Whoever hears the answer is told that it was given up; it need not be heard.
    answer.catch(() => undefined);
    if (reports) this.#answer = answer;
  }
}
