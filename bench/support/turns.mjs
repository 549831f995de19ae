// When a cluster trains, and when it waits: bench/turnsCallback.mjs, without input and output.

/** An epoch has its own beginning, which does not count: it would weigh more than in an epoch of the usual length. */
const skippedSteps = 3;
const over = { stop: { message: 'Measured.' } };

export class Turns {
  name = 'Turns';
  #orders;
  #answer;
  #now;
  #order = null;
  #counted = { steps: 0, milliseconds: 0 };
  #epochSteps = 0;
  #steps = 0;
  #last = 0;
  /** Whoever gave orders is gone. */
  isOver = false;

  /**
   * @param orders an async iterator of what is to be done, parsed
   * @param answer is called when it is done, and with `{ready}` at the end of the first epoch, which warms up
   * @param now the clock, in milliseconds
   */
  constructor({ orders, answer, now }) {
    this.#orders = orders;
    this.#answer = answer;
    this.#now = now;
  }

  async onEpochBegin() {
    this.#epochSteps = 0;
    if (this.#steps === 0) return undefined;
    while (this.#order === null) {
      const { value, done } = await this.#orders.next();
      if (done) return over;
      this.#order = value;
      this.#counted = { steps: 0, milliseconds: 0 };
      this.#answerWhenDone();
    }
    return undefined;
  }

  /** A step is from the end of the one before to its own. */
  onStepEnd() {
    const now = this.#now();
    this.#steps += 1;
    this.#epochSteps += 1;
    if (this.#epochSteps > skippedSteps) {
      this.#counted.steps += 1;
      this.#counted.milliseconds += now - this.#last;
    }
    this.#last = now;
    return this.isOver ? over : undefined;
  }

  onEpochEnd() {
    if (this.#order === null) this.#answer({ ready: 'cluster' });
    else this.#answerWhenDone();
  }

  #answerWhenDone() {
    if (this.#order.do === 'measure') {
      if (this.#counted.milliseconds < 1000 * this.#order.seconds) return;
      this.#answer(this.#counted);
    } else {
      if (this.#steps < this.#order.until) return;
      this.#answer({ steps: this.#steps });
    }
    this.#order = null;
  }
}
