/**
 * The number formats that an engine's matrix work may have. Weights, gradients and optimizer state are float32
 * in both; it changes results, so that all ranks of a run have the same.
 */
export const precisions = ['float32', 'bfloat16'] as const;

export type Precision = (typeof precisions)[number];
