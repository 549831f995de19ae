import { LockstepError } from '@lockstep/core';
import { optional, toggle } from './flag.js';
import { wholeNumber } from './parsers.js';

/** A learning rate for larger batches: https://arxiv.org/abs/1706.02677 */
export const rateScalingFlags = {
  scaleLearningRate: toggle({
    flags: '--scale-learning-rate',
    description:
      'multiply the learning rate by the number of workers, for a batch size that grew with it; after a warm-up',
  }),
  warmupEpochs: optional(
    {
      flags: '--warmup-epochs <N>',
      description:
        'epochs in which a scaled learning rate rises from the unscaled one (default: 5)',
    },
    wholeNumber(0),
  ),
};

/** Of Goyal et al. */
const usualWarmupEpochs = 5;

/**
 * How many epochs the rate takes to rise; 0 where it is not scaled.
 *
 * @throws USAGE for a warm-up to the rate that is there already
 */
export function warmupEpochsOf({
  scaleLearningRate,
  warmupEpochs,
  resume,
}: {
  readonly scaleLearningRate: boolean;
  readonly warmupEpochs: number | null;
  readonly resume: string | null;
}): number {
  // A resumed run may bring the scaling that its command line does not mention.
  if (warmupEpochs !== null && !scaleLearningRate && resume === null) {
    throw new LockstepError(
      'USAGE',
      `--warmup-epochs ${warmupEpochs} is for a learning rate that is scaled`,
      { hint: 'Add --scale-learning-rate, or leave it out.' },
    );
  }
  return warmupEpochs ?? (scaleLearningRate ? usualWarmupEpochs : 0);
}
