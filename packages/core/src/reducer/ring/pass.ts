import type { Range } from '../../data/index.js';
import { type FrameHeader, type FrameKind, frameKinds } from '../peers/index.js';
import { Cut } from './cut.js';

/** What of the two halves of an all-reduce a pass has. */
export interface Halves {
  readonly reduces: boolean;
  readonly gathers: boolean;
}

/**
 * One range's way around the ring, as one rank sees it: which chunks are to come, and which have.
 *
 * Reduce-scatter: slice s begins at rank s + 1, with its own numbers, and each rank adds its own and sends it on, until
 * rank s has the sum of all. All-gather: from there it goes around once more, until rank s - 1 has it. So every rank
 * receives each slice but one in each half (Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for
 * clusters of workstations").
 */
export class Pass {
  readonly cut: Cut;
  /** Chunks that are still to come. */
  missing = 0;
  /** By half, slice and chunk: 1 when it has come. */
  private readonly came: Uint8Array;

  constructor(
    readonly index: number,
    range: Range,
    private readonly rank: number,
    private readonly worldSize: number,
    chunkLength: number,
    private readonly halves: Halves,
    bounds: readonly number[] | null,
  ) {
    this.cut = new Cut(range, worldSize, chunkLength, bounds);
    this.came = new Uint8Array(2 * worldSize * this.cut.longest);
    for (let slice = 0; slice < worldSize; slice++) {
      const chunks = this.cut.chunks(slice);
      if (this.comes(frameKinds.reduce, slice)) this.missing += chunks;
      if (this.comes(frameKinds.gather, slice)) this.missing += chunks;
    }
  }

  /** Where this rank's own numbers begin their way: nothing comes of that slice in the first half. */
  get first(): number {
    return (this.rank + this.worldSize - 1) % this.worldSize;
  }

  /** Whether a chunk is one of this pass, at the place where it says that it is. */
  expects({ kind, slice, chunk, begin }: FrameHeader, length: number): boolean {
    return (
      this.comes(kind, slice) &&
      chunk < this.cut.chunks(slice) &&
      begin === this.cut.begin(slice, chunk) &&
      begin + length === this.cut.end(slice, chunk)
    );
  }

  hasCome(header: FrameHeader): boolean {
    return this.came[this.indexOf(header)] === 1;
  }

  /** @returns false when it has come before: a duplicate */
  take(header: FrameHeader): boolean {
    const index = this.indexOf(header);
    if (this.came[index] === 1) return false;
    this.came[index] = 1;
    this.missing -= 1;
    return true;
  }

  private comes(kind: FrameKind, slice: number): boolean {
    if (slice >= this.worldSize) return false;
    if (kind === frameKinds.reduce) return this.halves.reduces && slice !== this.first;
    return kind === frameKinds.gather && this.halves.gathers && slice !== this.rank;
  }

  private indexOf({ kind, slice, chunk }: FrameHeader): number {
    const half = kind === frameKinds.reduce ? 0 : this.worldSize;
    return (half + slice) * this.cut.longest + chunk;
  }
}
