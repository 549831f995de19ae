/**
 * A loss, on the host: it takes a batch's logits out of the network and hands back the gradient with
 * respect to them. At [size, classes] this is a few hundred numbers, and it makes loss and accuracy the
 * same float64 sums whichever engine computed the logits.
 */
export interface Loss {
  /** Keras's name. */
  readonly name: string;
  /** What stands after the logits; the network is built without it. */
  readonly activation: 'softmax';
  /**
   * @param logits `[size, classes]` flat, float32.
   * @param labels `[size]`, uint8, each below `classes`: `checkLabels` has seen to it.
   * @param gradient `[size, classes]` flat, float32: where given, filled with the gradient of the mean
   *   loss over the batch with respect to the logits.
   */
  compute(
    logits: Float32Array,
    labels: Uint8Array,
    classes: number,
    gradient?: Float32Array,
  ): LossSums;
  /** The activation: `[size, classes]` flat, float32, from logits of the same shape. */
  outputs(logits: Float32Array, classes: number): Float32Array;
}

/** Sums over the batch, in sample order. */
interface LossSums {
  readonly loss: number;
  /** Samples whose largest logit (the first of equals) is their label's. */
  readonly correct: number;
}
