import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/** What stands behind the network that is trained, and turns its scores into the model's outputs. */
export type Head = 'softmax' | 'sigmoid' | 'linear';

/**
 * A loss over the scores of a network, `[size, units]`, and the labels of its samples. Two forms of one function:
 * on the host for engines that hand the scores out (at [size, units] a few hundred numbers, summed in float64),
 * and in operations of TensorFlow.js for those that keep them. Labels are classes, `[size]` uint8; what losses
 * compare with is `targetsOf` them.
 */
export interface Loss {
  /** Keras's name. */
  readonly name: string;
  /**
   * The last activation that the loss has in itself: the network is built without it, and its scores are logits.
   * `linear`: the loss takes outputs, whatever made them.
   */
  readonly head: Head;
  /** Labels are below this; null: any will do. */
  labelLimit(units: number): number | null;
  /**
   * @param scores `[size, units]` flat, float32.
   * @param labels each below `labelLimit`: `checkLabels` has seen to it.
   * @param gradient `[size, units]` flat, float32: where given, filled with the gradient of the mean loss over
   *   the batch with respect to the scores.
   * @returns the loss, summed over the samples in their order
   */
  compute(scores: Float32Array, labels: Uint8Array, units: number, gradient?: Float32Array): number;
  /**
   * The loss of each sample, with a gradient.
   *
   * @param targets as `targetsOf` has them
   */
  perSample(scores: Tensor2D, targets: Tensor2D): Tensor1D;
}
