/** Lets pieces of asynchronous work run one after the other, in the order in which they were asked for. */
export class Turns {
  #last: Promise<void> | null = null;

  /** Begins at once where nothing else runs. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#last === null ? work() : this.#last.then(work);
    const last = mine.then(nothing, nothing).then(() => {
      if (this.#last === last) this.#last = null;
    });
    this.#last = last;
    return mine;
  }
}

function nothing(): void {}
