import { losses, Reduction, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Loss } from './loss.js';

/**
 * Cross-entropy of softmax probabilities p with classes y, from the logits z:
 *
 *     loss = log(sum_j exp(z_j)) - z_y       per sample
 *     d mean(loss) / d z_j = (p_j - [j = y]) / size
 *
 * Keras, too, goes back to the logits when the last activation is softmax: the logarithm of a rounded
 * probability would lose the small ones. The largest logit is subtracted first, so that nothing overflows.
 * https://keras.io/api/losses/probabilistic_losses/
 *
 * @param name Keras has two, for labels as numbers and as vectors; here labels are numbers, and they are one
 */
export function softmaxCrossentropy(name: string): Loss {
  return {
    name,
    head: 'softmax',
    labelLimit: (units) => units,

    compute(scores, labels, units, gradient) {
      const size = labels.length;
      let loss = 0;
      for (let sample = 0; sample < size; sample++) {
        const row = sample * units;
        const label = labels[sample]!;
        let peak = scores[row]!;
        for (let j = 1; j < units; j++) if (scores[row + j]! > peak) peak = scores[row + j]!;
        let total = 0;
        for (let j = 0; j < units; j++) total += Math.exp(scores[row + j]! - peak);
        loss += Math.log(total) + peak - scores[row + label]!;
        if (gradient === undefined) continue;
        for (let j = 0; j < units; j++) {
          const probability = Math.exp(scores[row + j]! - peak) / total;
          gradient[row + j] = (probability - (j === label ? 1 : 0)) / size;
        }
      }
      return loss;
    },

    perSample: (scores: Tensor2D, targets: Tensor2D) =>
      losses.softmaxCrossEntropy(targets, scores, undefined, undefined, Reduction.NONE) as Tensor1D,
  };
}
