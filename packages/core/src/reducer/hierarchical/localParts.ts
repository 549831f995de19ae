import type { Range } from '../../data/index.js';
import { partition } from '../partition.js';

const lineLength = 16;

/**
 * The flat array in the shared memory of a host. That is cut among the host's ranks by itself, and differently from
 * how the array is cut among all ranks of the world: so it is made long enough for the part of each local rank to have
 * room in what is that rank's there.
 */
export class LocalParts {
  /** Elements of the host's shared arrays. */
  readonly length: number;
  /** By local rank: its part of the flat array, and its place in the shared one. */
  private readonly moves: readonly { readonly part: Range; readonly place: Range }[];
  private view: Float32Array = new Float32Array(0);

  /**
   * @param arrayLength of the flat array
   * @param locals the ranks of this host
   */
  constructor(
    private readonly arrayLength: number,
    worldSize: number,
    private readonly locals: readonly number[],
  ) {
    const parts = partition(arrayLength, worldSize);
    const longest = Math.max(...locals.map((rank) => parts[rank]!.end - parts[rank]!.begin));
    const lines = Math.ceil(Math.max(longest, arrayLength / locals.length) / lineLength);
    this.length = lines * lineLength * locals.length;
    const places = partition(this.length, locals.length);
    this.moves = locals.map((rank, each) => ({ part: parts[rank]!, place: places[each]! }));
  }

  /** The flat array in a shared input: the same view each time. */
  inputOf(shared: Float32Array): Float32Array {
    if (this.view.buffer !== shared.buffer) this.view = shared.subarray(0, this.arrayLength);
    return this.view;
  }

  /** The ranges of the flat array, and then the rest of the shared one. */
  async *withRest(ready: AsyncIterable<Range>): AsyncGenerator<Range> {
    yield* ready;
    yield { begin: this.arrayLength, end: this.length };
  }

  /** Moves a rank's part to its place. */
  putOwn(shared: Float32Array, rank: number): void {
    const { part, place } = this.moves[this.locals.indexOf(rank)]!;
    shared.copyWithin(place.begin, part.begin, part.end);
  }

  /** Copies a sum of the flat array. */
  bringSum(shared: Float32Array, array: Float32Array): void {
    array.set(shared.subarray(0, this.arrayLength));
  }

  /** Copies the parts of all local ranks from their places to where they are in the flat array. */
  bringParts(shared: Float32Array, array: Float32Array): void {
    for (const { part, place } of this.moves) {
      const length = part.end - part.begin;
      array.set(shared.subarray(place.begin, place.begin + length), part.begin);
    }
  }
}
