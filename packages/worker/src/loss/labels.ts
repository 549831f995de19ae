import { LockstepError } from '@lockstep/core';

/**
 * MODEL_MISMATCH where a label has no output of the model. Asked before the network runs: TensorFlow.js
 * does not release the tensors of a backward pass in which something throws.
 */
export function checkLabels(labels: Uint8Array, classes: number): void {
  const foreign = labels.find((label) => label >= classes);
  if (foreign === undefined) return;
  throw new LockstepError(
    'MODEL_MISMATCH',
    `a sample has label ${foreign}, but the model tells only ${classes} classes apart`,
    { hint: `Give the last layer as many units as the dataset has classes.` },
  );
}
