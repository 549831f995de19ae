import type { Batch, Range } from '../dataset.js';
import { rangeLength } from '../range.js';
import { groupRanges } from './grouping.js';

/** Where a planned range lies: in which chunk, and where in it. */
export interface Place {
  readonly chunk: number;
  readonly rows: Range;
}

/**
 * The planned ranges of one epoch in chunks, and those chunks that are fetched or under way: the one in
 * use and the next, never more.
 */
export class ChunkPlan {
  readonly epoch: number;
  readonly #chunks: readonly Range[][];
  readonly #places = new Map<string, Place>();
  readonly #held = new Map<number, Promise<Batch>>();
  readonly #fetch: (ranges: Range[]) => Promise<Batch>;

  /** @param fetch gets the ranges of a chunk, one after another in one batch */
  constructor(
    epoch: number,
    ranges: readonly Range[],
    chunkSamples: number,
    fetch: (ranges: Range[]) => Promise<Batch>,
  ) {
    this.epoch = epoch;
    this.#chunks = groupRanges(ranges, chunkSamples);
    this.#fetch = fetch;
    this.#chunks.forEach((chunk, index) => {
      let begin = 0;
      for (const range of chunk) {
        const end = begin + rangeLength(range);
        this.#places.set(key(range), { chunk: index, rows: { begin, end } });
        begin = end;
      }
    });
  }

  /** Undefined for a range that was not planned. */
  find(range: Range): Place | undefined {
    return this.#places.get(key(range));
  }

  /** The chunk, fetched now or before; lets go of those that came earlier. */
  use(chunk: number): Promise<Batch> {
    for (const index of this.#held.keys()) {
      if (index !== chunk && index !== chunk + 1) this.#held.delete(index);
    }
    return this.#hold(chunk);
  }

  /** Starts fetching a chunk, if there is such a chunk and it is not under way. */
  prefetch(chunk: number): void {
    // Its failure is met by whoever uses the chunk, or by nobody: it is not an unhandled rejection.
    if (chunk < this.#chunks.length) this.#hold(chunk).catch(() => undefined);
  }

  /** A chunk that failed is forgotten, so that asking again fetches it again. */
  #hold(chunk: number): Promise<Batch> {
    const held = this.#held.get(chunk);
    if (held !== undefined) return held;
    const fetched = this.#fetch(this.#chunks[chunk]!).catch((error: unknown) => {
      if (this.#held.get(chunk) === fetched) this.#held.delete(chunk);
      throw error;
    });
    this.#held.set(chunk, fetched);
    return fetched;
  }
}

function key(range: Range): string {
  return `${range.begin}-${range.end}`;
}
