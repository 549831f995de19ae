import { LockstepError } from '@lockstep/core';
import type { Loss } from './loss.js';

/**
 * MODEL_MISMATCH where a label has no output of the model. Asked before the network runs: TensorFlow.js
 * does not release the tensors of a backward pass in which something throws.
 */
export function checkLabels(labels: Uint8Array, loss: Loss, units: number): void {
  const limit = loss.labelLimit(units);
  if (limit === null) return;
  const foreign = labels.find((label) => label >= limit);
  if (foreign === undefined) return;
  throw new LockstepError(
    'MODEL_MISMATCH',
    `a sample has label ${foreign}, but the model tells only ${limit} classes apart`,
    { hint: `Give the last layer as many units as the dataset has classes.` },
  );
}
