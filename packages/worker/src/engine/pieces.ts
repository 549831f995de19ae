import { type Batch, imageSizeOf, rangeLength, rankSlice, sliceBatch } from '@lockstep/core/data';
import type { LoadOptions, Moment } from './engine.js';

/** A part of a batch, computed by itself. */
interface Piece {
  readonly batch: Batch;
  readonly moment: Moment;
  /** What its mean gradient counts by in that of the batch: sum(weight * gradient) is the batch's. */
  readonly weight: number;
}

/**
 * A batch cut into parts: views, contiguous, whose sizes differ by at most one; with fewer samples than `count`
 * there are fewer parts. A sample keeps its position, and with it its dropout.
 */
export function piecesOf(
  batch: Batch,
  { step, position }: Moment,
  count: number,
  imageShape: LoadOptions['imageShape'],
): Piece[] {
  const all = { begin: 0, end: batch.size };
  const imageSize = imageSizeOf(imageShape);
  return Array.from({ length: count }, (_, i) => rankSlice(all, i, count))
    .filter((range) => rangeLength(range) > 0)
    .map((range) => ({
      batch: sliceBatch(batch, imageSize, range),
      moment: { step, position: position + range.begin },
      weight: rangeLength(range) / batch.size,
    }));
}
