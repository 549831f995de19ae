import type { Layout } from './layout.js';

/**
 * Counters begin shortly before the largest int32, so that every run of some length crosses the place where they
 * go on from the smallest. They are compared by their difference; ranks are never 2^31 apart.
 */
const firstCount = 2 ** 31 - 64;

export type Counter = 'ready' | 'done';

/**
 * What ranks tell each other: two counters of each, which only that rank writes, and its weight. A counter is
 * written with Atomics after what it speaks of, and read before it: so who sees the count sees that, too, on
 * every processor.
 */
export class Flags {
  private readonly ints: Int32Array;
  private readonly floats: Float32Array;
  private readonly indices: Record<Counter, readonly number[]>;
  private readonly counts: Record<Counter, number> = { ready: firstCount, done: firstCount };

  /** @param begin of the segment, in bytes */
  constructor(
    buffer: ArrayBuffer,
    begin: number,
    layout: Layout,
    private readonly rank: number,
    worldSize: number,
  ) {
    this.ints = new Int32Array(buffer, begin, layout.input(0) / Int32Array.BYTES_PER_ELEMENT);
    this.floats = new Float32Array(buffer, begin, this.ints.length);
    const ranks = Array.from({ length: worldSize }, (_, each) => each);
    this.indices = {
      ready: ranks.map((each) => layout.announced(each) / Int32Array.BYTES_PER_ELEMENT),
      done: ranks.map((each) => layout.done(each) / Int32Array.BYTES_PER_ELEMENT),
    };
    this.store('ready');
    this.store('done');
  }

  /** That this rank maps the segment and has its counters set. */
  attach(): void {
    Atomics.store(this.ints, this.indices.ready[this.rank]! + 1, 1);
  }

  unattached(): number[] {
    return this.ranksWhere((index) => Atomics.load(this.ints, index + 1) === 0, 'ready');
  }

  /** To be set before the counter `ready` that it belongs to. */
  setWeight(weight: number): void {
    this.floats[this.indices.ready[this.rank]! + 2] = weight;
  }

  /** As float32: the same on all ranks. */
  weightOf(rank: number): number {
    return this.floats[this.indices.ready[rank]! + 2]!;
  }

  /** What this rank's counter stands at, `more` from now. */
  countOf(counter: Counter, more = 0): number {
    return (this.counts[counter] + more) | 0;
  }

  /** Counts one on, for all to see. */
  advance(counter: Counter): void {
    this.counts[counter] = this.countOf(counter, 1);
    this.store(counter);
  }

  /** Whether all ranks have counted to there. */
  reached(counter: Counter, count: number): boolean {
    for (const index of this.indices[counter]) if (this.isBehind(index, count)) return false;
    return true;
  }

  /** The ranks that have not. */
  behind(counter: Counter, count: number): number[] {
    return this.ranksWhere((index) => this.isBehind(index, count), counter);
  }

  private isBehind(index: number, count: number): boolean {
    return ((Atomics.load(this.ints, index) - count) | 0) < 0;
  }

  private ranksWhere(holds: (index: number) => boolean, counter: Counter): number[] {
    return this.indices[counter].flatMap((index, rank) => (holds(index) ? [rank] : []));
  }

  private store(counter: Counter): void {
    Atomics.store(this.ints, this.indices[counter][this.rank]!, this.counts[counter]);
  }
}
