import type { Range } from '../../data/index.js';
import { partBegin } from '../partition.js';

/**
 * How a range of the flat array is cut for its way around a ring: into a slice for each rank, and slices into chunks
 * that are sent, added up and sent on one by one. Said by arithmetic, not by a table: thousands of virtual ranks each
 * have one.
 */
export class Cut {
  /** Chunks of the longest slice. */
  readonly longest: number;

  /** @param bounds where the slices begin, and the last one ends; by default they are of one length */
  constructor(
    private readonly range: Range,
    readonly slices: number,
    private readonly chunkLength: number,
    private readonly bounds: readonly number[] | null = null,
  ) {
    let longest = 0;
    for (let slice = 0; slice < slices; slice++) longest = Math.max(longest, this.chunks(slice));
    this.longest = longest;
  }

  /** How many chunks a slice has; 0 for one without elements. */
  chunks(slice: number): number {
    return Math.ceil((this.sliceBegin(slice + 1) - this.sliceBegin(slice)) / this.chunkLength);
  }

  /** Of the flat array, in elements. */
  begin(slice: number, chunk: number): number {
    return this.sliceBegin(slice) + chunk * this.chunkLength;
  }

  end(slice: number, chunk: number): number {
    return Math.min(this.sliceBegin(slice + 1), this.begin(slice, chunk + 1));
  }

  private sliceBegin(slice: number): number {
    if (this.bounds !== null) return this.bounds[slice]!;
    const { begin, end } = this.range;
    return begin + partBegin(end - begin, this.slices, slice);
  }
}
