import type { Loss } from './loss.js';

/**
 * Cross-entropy of softmax probabilities p with integer labels y, from the logits z:
 *
 *     loss = log(sum_j exp(z_j)) - z_y       per sample
 *     d mean(loss) / d z_j = (p_j - [j = y]) / size
 *
 * Keras, too, goes back to the logits when the last activation is softmax: the logarithm of a rounded
 * probability would lose the small ones. The largest logit is subtracted first, so that nothing overflows.
 * https://keras.io/api/losses/probabilistic_losses/#sparsecategoricalcrossentropy-class
 */
export const sparseCategoricalCrossentropy: Loss = {
  name: 'sparse_categorical_crossentropy',
  activation: 'softmax',

  compute(logits, labels, classes, gradient) {
    const size = labels.length;
    let loss = 0;
    let correct = 0;
    for (let sample = 0; sample < size; sample++) {
      const row = sample * classes;
      const label = labels[sample]!;
      const largest = indexOfLargest(logits, row, classes);
      const peak = logits[row + largest]!;
      let total = 0;
      for (let j = 0; j < classes; j++) total += Math.exp(logits[row + j]! - peak);
      loss += Math.log(total) + peak - logits[row + label]!;
      if (largest === label) correct++;
      if (gradient === undefined) continue;
      for (let j = 0; j < classes; j++) {
        const probability = Math.exp(logits[row + j]! - peak) / total;
        gradient[row + j] = (probability - (j === label ? 1 : 0)) / size;
      }
    }
    return { loss, correct };
  },

  outputs(logits, classes) {
    const probabilities = new Float32Array(logits.length);
    for (let row = 0; row < logits.length; row += classes) {
      const peak = logits[row + indexOfLargest(logits, row, classes)]!;
      let total = 0;
      for (let j = 0; j < classes; j++) total += Math.exp(logits[row + j]! - peak);
      for (let j = 0; j < classes; j++) {
        probabilities[row + j] = Math.exp(logits[row + j]! - peak) / total;
      }
    }
    return probabilities;
  },
};

function indexOfLargest(logits: Float32Array, row: number, classes: number): number {
  let largest = 0;
  for (let j = 1; j < classes; j++) {
    if (logits[row + j]! > logits[row + largest]!) largest = j;
  }
  return largest;
}
