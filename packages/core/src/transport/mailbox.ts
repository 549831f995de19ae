/**
 * A queue between one writer and one reader of the same process. The reader gets items in order, in a
 * later microtask than the one that pushed them, and nothing is copied.
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
    if (this.#waiting === undefined) this.#items.push(item);
    else this.#answer({ done: false, value: item });
  }

  /** The reader still gets what is queued. */
  end(): void {
    this.#ended = true;
    this.#answer({ done: true, value: undefined });
  }

  /** The reader gets nothing more. */
  discard(): void {
    this.#items.length = 0;
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ done: false, value: this.#items.shift()! });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #answer(result: IteratorResult<T, undefined>): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(result);
  }
}
