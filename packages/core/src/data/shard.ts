import { LockstepError } from '../errors.js';
import type { Range } from './dataset.js';
import { assertWithin, rangeLength } from './range.js';

/*
 * The only place that knows how an epoch is cut into global batches, and a global batch into the parts of
 * the ranks. Ranges are positions in the epoch's permuted order. Where a global batch begins depends on
 * nothing but the samples used so far, never on the number of ranks: ranks may come and go between two
 * steps and each sample is still used exactly once an epoch.
 */

/** Steps of an epoch: the last batch may be short, none is dropped and none is padded. */
export function stepCount(size: number, batchSize: number): number {
  assertCount('samples', size, 0);
  assertCount('samples a batch', batchSize, 1);
  return Math.ceil(size / batchSize);
}

/**
 * The global batch that begins after `position` samples of the epoch are used; the last one is short.
 * At the end of the epoch (`position` = `size`) it is empty.
 */
export function globalSlice(position: number, size: number, batchSize: number): Range {
  assertCount('samples a batch', batchSize, 1);
  const slice = { begin: position, end: Math.min(position + batchSize, size) };
  assertWithin(slice, size);
  return slice;
}

/**
 * A rank's part of a global batch: contiguous, in rank order, sizes differ by at most one, earlier ranks
 * have the larger parts. Empty where there are fewer samples than ranks.
 */
export function rankSlice(slice: Range, rank: number, worldSize: number): Range {
  assertCount('ranks', worldSize, 1);
  assertCount('rank', rank, 0);
  if (rank >= worldSize) {
    throw new LockstepError('INTERNAL', `there is no rank ${rank} among ${worldSize}`);
  }
  const samples = rangeLength(slice);
  const share = Math.floor(samples / worldSize);
  const larger = samples % worldSize;
  const begin = slice.begin + rank * share + Math.min(rank, larger);
  return { begin, end: begin + share + (rank < larger ? 1 : 0) };
}

/** A rank's part of the test split, in natural order: exact, unpadded, each sample with one rank. */
export function evaluationSlice(size: number, rank: number, worldSize: number): Range {
  assertCount('samples', size, 0);
  return rankSlice({ begin: 0, end: size }, rank, worldSize);
}

function assertCount(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new LockstepError('INTERNAL', `${what}: ${value} is not an integer from ${least} up`);
  }
}
