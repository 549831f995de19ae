import { mean, squaredDifference, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Loss } from './loss.js';
import { targetOf } from './targets.js';

/**
 * The square of the distance between outputs p, of any activation, and targets t; the mean over the units:
 *
 *     loss = mean_j((p_j - t_j)^2)       per sample
 *     d mean(loss) / d p_j = 2 (p_j - t_j) / (units size)
 *
 * https://keras.io/api/losses/regression_losses/#meansquarederror-class
 */
export const meanSquaredError: Loss = {
  name: 'mean_squared_error',
  head: 'linear',
  labelLimit: (units) => (units === 1 ? null : units),

  compute(scores, labels, units, gradient) {
    let loss = 0;
    for (const [i, output] of scores.entries()) {
      const error = output - targetOf(labels[Math.floor(i / units)]!, i % units, units);
      loss += error * error;
      if (gradient !== undefined) gradient[i] = (2 * error) / scores.length;
    }
    return loss / units;
  },

  perSample: (scores: Tensor2D, targets: Tensor2D) =>
    mean(squaredDifference(scores, targets), -1) as Tensor1D,
};
