/**
 * Averages gradients over the ranks. An implementation never looks inside a gradient; it moves float32.
 * The result is sum(n_r * g_r) / sum(n_r), added in rank order, so that the same ranks give the same bits.
 */
export interface Collective {
  readonly name: string;
  /**
   * @param step the global step; a rank calls this once a step, in order
   * @param gradient this rank's mean gradient, flat; belongs to the collective until the promise settles
   * @param samples how many samples it is the mean of; 0 is legal (a rank without a part of a short batch)
   * @returns the average, valid until the next call (it may be `gradient` itself)
   */
  allReduce(step: number, gradient: Float32Array, samples: number): Promise<Float32Array>;
}
