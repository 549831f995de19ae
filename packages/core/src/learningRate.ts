import { z } from 'zod';

/**
 * How the rate of a step comes from the base rate, which the optimizer's configuration and the callbacks set.
 *
 * A global batch that grows with the number of workers wants a rate that grows with it, and a network that has
 * just been initialised does not bear that rate at once: it rises from the base rate by the same amount each
 * step (the "gradual warmup" of Goyal et al. 2017, "Accurate, Large Minibatch SGD", arXiv 1706.02677, 2.2).
 */
export const rateScalingSchema = z.strictObject({
  /** The number of workers; 1: the rate is the base rate. */
  factor: z.number().positive(),
  /** Steps since the beginning of the run until the factor counts in full; 0: at once. */
  warmUpSteps: z.number().int().nonnegative(),
});

export type RateScaling = z.infer<typeof rateScalingSchema>;

/** The base rate is the rate. */
export const unscaled: RateScaling = { factor: 1, warmUpSteps: 0 };

/** @param step counts over all epochs, from 0 */
export function learningRateAt(
  base: number,
  { factor, warmUpSteps }: RateScaling,
  step: number,
): number {
  const risen = step < warmUpSteps ? step / warmUpSteps : 1;
  return base * (1 + (factor - 1) * risen);
}
