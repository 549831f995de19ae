/**
 * A queue between one writer and one reader of the same process. The reader gets items in order, and
 * nothing is copied. Each item comes in a turn of the event loop of its own: two ends that answer each other
 * in microtasks would let no timer, signal or terminal have its turn, for as long as they talk.
 */
export class Mailbox<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  #ended = false;
  #waiting: ((result: IteratorResult<T, undefined>) => void) | undefined;

  get ended(): boolean {
    return this.#ended;
  }

  push(item: T): void {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wake();
  }

  /** The reader still gets what is queued. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The reader gets nothing more. */
  discard(): void {
    this.#items.length = 0;
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      if (this.#items.length > 0 || this.#ended) this.#wake();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    setImmediate(() => {
      const item = this.#items.shift();
      waiting(item === undefined ? { done: true, value: undefined } : { done: false, value: item });
    });
  }
}
