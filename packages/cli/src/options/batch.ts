import { LockstepError } from '@lockstep/core';
import { optional, withDefault } from './flag.js';
import { wholeNumber } from './parsers.js';

/** How large a step is, and in how many parts it is computed. */
export const batchFlags = {
  batchSize: withDefault(
    {
      flags: '--batch-size <N>',
      description: 'samples in a step, over all workers together',
      default: '32',
    },
    wholeNumber(1),
  ),
  accumulate: withDefault(
    {
      flags: '--accumulate <K>',
      description:
        'parts in which each worker computes its share of a step, one after the other, in the memory of one',
      default: '1',
    },
    wholeNumber(1),
  ),
  microBatchSize: optional(
    {
      flags: '--micro-batch-size <M>',
      description:
        'samples in one such part; batch size = M x accumulate x workers: of the three, two are given',
    },
    wholeNumber(1),
  ),
};

export interface BatchFlags {
  readonly batchSize: number;
  readonly accumulate: number;
  readonly microBatchSize: number | null;
}

/**
 * The global batch and its parts, from what the user gave of it. A batch that is not a multiple of its parts is
 * cut in parts that differ by one sample; but who says how large the parts are gets parts of that size.
 *
 * @param given whether the user said it; else it is a default
 * @throws USAGE with the numbers, where they contradict each other or leave a rest
 */
export function batchOf(
  { batchSize, accumulate, microBatchSize }: BatchFlags,
  workers: number,
  given: (flag: 'batchSize' | 'accumulate') => boolean,
): { readonly batchSize: number; readonly accumulate: number } {
  const ranks = Math.max(1, workers);
  const on = ranks === 1 ? 'on 1 worker' : `on ${ranks} workers`;
  if (microBatchSize === null) {
    const parts = accumulate * ranks;
    if (accumulate === 1 || parts <= batchSize) return { batchSize, accumulate };
    throw new LockstepError(
      'USAGE',
      `--accumulate ${accumulate} ${on} cuts a step in ${parts} parts, and --batch-size ${batchSize} has not as many samples`,
      { hint: 'Lower --accumulate, or raise --batch-size.' },
    );
  }
  const atOnce = microBatchSize * ranks;
  if (!given('batchSize')) return { batchSize: atOnce * accumulate, accumulate };
  if (!given('accumulate')) {
    if (batchSize % atOnce === 0) return { batchSize, accumulate: batchSize / atOnce };
    throw new LockstepError(
      'USAGE',
      `--batch-size ${batchSize} is not a multiple of ${atOnce}, which is --micro-batch-size ${microBatchSize} ${on}`,
      { hint: 'Change one of them, or leave out --micro-batch-size.' },
    );
  }
  if (batchSize === atOnce * accumulate) return { batchSize, accumulate };
  throw new LockstepError(
    'USAGE',
    `--batch-size ${batchSize} is not --micro-batch-size ${microBatchSize} x --accumulate ${accumulate} ${on}, which is ${atOnce * accumulate}`,
    { hint: 'Give two of the three.' },
  );
}
