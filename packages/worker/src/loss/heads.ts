import { sigmoid, softmax, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Head } from './loss.js';

/** The activation of each head, on the host: `[size, units]` flat, float32, from scores of the same shape. */
const onHost: Readonly<Record<Head, (scores: Float32Array, units: number) => Float32Array>> = {
  linear: (scores) => scores.slice(),
  // Both forms are exact where the other one overflows.
  sigmoid: (scores) =>
    scores.map((z) => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)))),
  softmax: (scores, units) => {
    const outputs = new Float32Array(scores.length);
    for (let row = 0; row < scores.length; row += units) {
      const peak = scores.subarray(row, row + units).reduce((a, b) => Math.max(a, b));
      let total = 0;
      for (let j = row; j < row + units; j++) total += Math.exp(scores[j]! - peak);
      for (let j = row; j < row + units; j++) outputs[j] = Math.exp(scores[j]! - peak) / total;
    }
    return outputs;
  },
};

/** The same in operations of TensorFlow.js. */
const asOperations: Readonly<Record<Head, (scores: Tensor2D) => Tensor2D>> = {
  linear: (scores) => scores.clone(),
  sigmoid: (scores) => sigmoid(scores),
  softmax: (scores) => softmax(scores),
};

/** The model's outputs from the scores of the network that is trained. */
export const outputsOf = (head: Head, scores: Float32Array, units: number): Float32Array =>
  onHost[head](scores, units);

export const outputTensorOf = (head: Head, scores: Tensor2D): Tensor2D =>
  asOperations[head](scores);
