import { losses, mean, Reduction, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Loss } from './loss.js';
import { targetOf } from './targets.js';

/**
 * Cross-entropy of sigmoid probabilities p with targets t of 0 and 1, from the logits z; the mean over the units:
 *
 *     loss = mean_j(max(z_j, 0) - z_j t_j + log(1 + exp(-|z_j|)))       per sample
 *     d mean(loss) / d z_j = (p_j - t_j) / (units size)
 *
 * With several units each tells its class from all others. As Keras does where the last activation is a sigmoid.
 * https://keras.io/api/losses/probabilistic_losses/#binarycrossentropy-class
 */
export const binaryCrossentropy: Loss = {
  name: 'binary_crossentropy',
  head: 'sigmoid',
  labelLimit: (units) => (units === 1 ? 2 : units),

  compute(scores, labels, units, gradient) {
    let loss = 0;
    for (const [i, z] of scores.entries()) {
      const target = targetOf(labels[Math.floor(i / units)]!, i % units, units);
      const small = Math.exp(-Math.abs(z));
      loss += Math.max(z, 0) - z * target + Math.log1p(small);
      if (gradient === undefined) continue;
      const probability = (z >= 0 ? 1 : small) / (1 + small);
      gradient[i] = (probability - target) / scores.length;
    }
    return loss / units;
  },

  perSample: (scores: Tensor2D, targets: Tensor2D) =>
    mean(
      losses.sigmoidCrossEntropy(targets, scores, undefined, undefined, Reduction.NONE),
      -1,
    ) as Tensor1D,
};
