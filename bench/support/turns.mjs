// When a cluster trains, and when it waits: bench/turnsCallback.mjs, without input and output.

const over = { stop: { message: 'Measured.' } };

/**
 * Takes whole epochs, beginning and end included: a callback that sees each step would make the ranks report each, and
 * would measure something else than what people get.
 */
export class Turns {
  name = 'Turns';
  #orders;
  #answer;
  #now;
  #order = null;
  #counted = { steps: 0, milliseconds: 0 };
  #epochs = 0;
  #begun = 0;

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
    while (this.#epochs > 0 && this.#order === null) {
      const { value, done } = await this.#orders.next();
      if (done) return over;
      this.#order = value;
      this.#counted = { steps: 0, milliseconds: 0 };
      this.#answerWhenDone();
    }
    this.#begun = this.#now();
    return undefined;
  }

  onEpochEnd() {
    this.#epochs += 1;
    if (this.#order === null) {
      this.#answer({ ready: 'cluster' });
      return;
    }
    this.#counted.steps += this.#order.stepsOfEpoch;
    this.#counted.milliseconds += this.#now() - this.#begun;
    this.#answerWhenDone();
  }

  #answerWhenDone() {
    if (this.#order.do === 'measure') {
      if (this.#counted.milliseconds < 1000 * this.#order.seconds) return;
      this.#answer(this.#counted);
    } else {
      const steps = this.#epochs * this.#order.stepsOfEpoch;
      if (steps < this.#order.until) return;
      this.#answer({ steps });
    }
    this.#order = null;
  }
}
