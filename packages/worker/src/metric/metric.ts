import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

/** What a metric is computed from, on the host. */
interface Scored {
  /** `[size, units]` flat, float32: logits where the loss has the last activation in itself, else outputs. */
  readonly scores: Float32Array;
  /** The model's outputs: the scores with that activation. Computed when they are asked for. */
  readonly outputs: Float32Array;
  /** `[size]`. */
  readonly labels: Uint8Array;
  readonly units: number;
}

/** The same as tensors. */
interface ScoredTensors {
  /** `[size, units]`. */
  readonly scores: Tensor2D;
  readonly outputs: Tensor2D;
  /** `[size]`, int32. */
  readonly labels: Tensor1D;
  /** `[size, units]`; see `targetsOf`. */
  readonly targets: Tensor2D;
}

/**
 * A metric of a batch, summed over its samples; in the two forms that a Loss has. Where only the order of a
 * sample's outputs counts, the scores tell it without rounding.
 */
export interface Metric {
  /** As it stands in the logs. */
  readonly name: string;
  sum(scored: Scored): number;
  /** `[]` float32. */
  sumTensor(scored: ScoredTensors): Tensor;
}
