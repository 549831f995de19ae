import { LockstepError } from '../../errors.js';
import { allocateBuffers, gather, imageSizeOf } from '../batch.js';
import type { Batch, Dataset, Range, SplitName } from '../dataset.js';
import { isWithin, rangeLength } from '../range.js';
import { epochOrder } from './epochOrder.js';

/** What a rank without the dataset asks the coordinator for. */
export interface ChunkRequest {
  split: SplitName;
  /** Whose permuted order the ranges are positions in; null for the other splits, which have only one. */
  epoch: number | null;
  ranges: Range[];
}

/** What one request may ask for, so that no peer can make the coordinator run out of memory. */
export const maximumChunkSamples = 65_536;

/** Bytes of images in one chunk: well below the transport's limit of a frame (256 MiB). */
export const maximumChunkBytes = 128 * 1024 * 1024;

/**
 * The coordinator's side of `RemoteSamples`: the samples of the ranges, one after another.
 *
 * @throws PROTOCOL_VIOLATION for a request that no correct worker makes
 */
export function chunkFor(dataset: Dataset, seed: number, request: ChunkRequest): Batch {
  const imageSize = imageSizeOf(dataset.description.imageShape);
  const split = dataset[request.split];
  const size = validSize(request, split.size, imageSize);
  const order = orderOf(dataset, seed, request);
  const buffers = allocateBuffers(size, imageSize);
  let target = 0;
  for (const range of request.ranges) {
    const rows = order === undefined ? range : order.subarray(range.begin, range.end);
    gather(split, imageSize, rows, {
      images: buffers.images.subarray(target * imageSize),
      labels: buffers.labels.subarray(target),
    });
    target += rangeLength(range);
  }
  return { size, ...buffers };
}

/** The number of samples that a request asks for, when it may. */
function validSize(request: ChunkRequest, splitSize: number, imageSize: number): number {
  let size = 0;
  for (const range of request.ranges) {
    if (!isWithin(range, splitSize)) {
      throw violation(
        `range ${range.begin}..${range.end} of the ${request.split} split, which is 0..${splitSize}`,
      );
    }
    size += rangeLength(range);
  }
  if (size > maximumChunkSamples) {
    throw violation(`${size} samples at once; the most is ${maximumChunkSamples}`);
  }
  if (size * imageSize > maximumChunkBytes) {
    throw violation(`${size * imageSize} bytes at once; the most is ${maximumChunkBytes}`);
  }
  return size;
}

/** The train split's order in the epoch; undefined for the others, which are read as they lie. */
function orderOf(dataset: Dataset, seed: number, request: ChunkRequest): Uint32Array | undefined {
  const { split, epoch } = request;
  if (split !== 'train') {
    if (epoch !== null) throw violation(`the ${split} split in epoch ${epoch}; it has no epochs`);
    return undefined;
  }
  if (epoch === null || !Number.isSafeInteger(epoch) || epoch < 0) {
    throw violation(`the train split in epoch ${epoch}; epochs are integers from 0 up`);
  }
  return epochOrder(dataset, seed, epoch);
}

function violation(what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', `a worker asked for ${what}`, {
    hint: 'Start the worker and the coordinator from the same version of Lockstep.',
  });
}
