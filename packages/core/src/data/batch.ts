import { LockstepError } from '../errors.js';
import type { Batch, Range, Split } from './dataset.js';
import { assertWithin, rangeLength } from './range.js';

/** Memory for a batch to be copied into: at least `size * imageSize` and `size` bytes. */
export interface BatchBuffers {
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** What a rank without a part in a short batch works on. */
export const emptyBatch: Batch = {
  size: 0,
  images: new Uint8Array(0),
  labels: new Uint8Array(0),
};

/** Bytes of an image. */
export function imageSizeOf(imageShape: readonly [number, number, number]): number {
  const [height, width, channels] = imageShape;
  return height * width * channels;
}

export function allocateBuffers(size: number, imageSize: number): BatchBuffers {
  return { images: new Uint8Array(size * imageSize), labels: new Uint8Array(size) };
}

/**
 * Copies rows of a split into a batch.
 *
 * @param imageSize bytes of an image
 * @param rows their numbers, in any order, or a range of them (one copy instead of many)
 * @param into memory to use; fresh by default, because a batch that was sent may still be read
 * @throws INTERNAL when a row is outside the split or `into` is too small
 */
export function gather(
  split: Split,
  imageSize: number,
  rows: Uint32Array | Range,
  into?: BatchBuffers,
): Batch {
  const size = rows instanceof Uint32Array ? rows.length : rangeLength(rows);
  if (!(rows instanceof Uint32Array)) assertWithin(rows, split.size);
  const buffers = into ?? allocateBuffers(size, imageSize);
  const batch: Batch = {
    size,
    images: buffers.images.subarray(0, size * imageSize),
    labels: buffers.labels.subarray(0, size),
  };
  if (batch.images.length < size * imageSize || batch.labels.length < size) {
    throw new LockstepError('INTERNAL', `a batch of ${size} does not fit into the given buffers`);
  }
  if (rows instanceof Uint32Array) copyRows(split, imageSize, rows, batch);
  else copyRange(split, imageSize, rows, batch);
  return batch;
}

function copyRows(split: Split, imageSize: number, rows: Uint32Array, into: Batch): void {
  let target = 0;
  for (const row of rows) {
    if (row >= split.size) {
      throw new LockstepError('INTERNAL', `there is no sample ${row} among ${split.size}`);
    }
    const begin = row * imageSize;
    into.images.set(split.images.subarray(begin, begin + imageSize), target * imageSize);
    into.labels[target] = split.labels[row]!;
    target += 1;
  }
}

function copyRange(split: Split, imageSize: number, range: Range, into: Batch): void {
  into.images.set(split.images.subarray(range.begin * imageSize, range.end * imageSize));
  into.labels.set(split.labels.subarray(range.begin, range.end));
}

/** Rows `[begin, end)` of a batch: a view, not a copy. */
export function sliceBatch(batch: Batch, imageSize: number, range: Range): Batch {
  assertWithin(range, batch.size);
  return {
    size: rangeLength(range),
    images: batch.images.subarray(range.begin * imageSize, range.end * imageSize),
    labels: batch.labels.subarray(range.begin, range.end),
  };
}

/** The batches one after another; a single one is not copied. */
export function concatenate(batches: readonly Batch[], imageSize: number): Batch {
  if (batches.length === 1) return batches[0]!;
  const size = batches.reduce((sum, batch) => sum + batch.size, 0);
  const { images, labels } = allocateBuffers(size, imageSize);
  let target = 0;
  for (const batch of batches) {
    images.set(batch.images, target * imageSize);
    labels.set(batch.labels, target);
    target += batch.size;
  }
  return { size, images, labels };
}
