import { bytesOf, sha256 } from '../hash.js';
import { type ParameterShape, sizeOf } from '../model/index.js';
import type { CheckpointHeader } from './header.js';

/** A run at a step boundary: all that is needed to continue as if nothing had happened. */
export interface Checkpoint {
  readonly header: CheckpointHeader;
  /** All weights of the model in order, flat, float32. */
  readonly weights: Float32Array;
  readonly optimizer: {
    /** Updates applied so far. */
    readonly iterations: number;
    /** By slot name (`momentum`, `velocity`, ...): as long as the flat gradient, float32. */
    readonly slots: Readonly<Record<string, Float32Array>>;
  };
  /** Weights that a callback may want back (EarlyStopping's best), as long as `weights`. */
  readonly remembered?: Float32Array;
}

/** Whether the weights are those of the hash in the header. */
export const hasItsWeights = ({ header, weights }: Checkpoint): boolean =>
  sha256(bytesOf(weights)) === header.weightsSha256;

/** What contradicts itself in the shape of a checkpoint; undefined when nothing does. */
export function contradictionIn(checkpoint: Checkpoint): string | undefined {
  const { weights, remembered } = checkpoint;
  if (remembered && remembered.length !== weights.length) {
    return `it remembers ${remembered.length} weights, but has ${weights.length}`;
  }
  const slots = Object.values(checkpoint.optimizer.slots);
  const trainable = slots[0]?.length ?? 0;
  if (slots.some((slot) => slot.length !== trainable))
    return 'the optimizer slots differ in length';
  return parametersContradiction(checkpoint);
}

function parametersContradiction({
  header: { parameters },
  weights,
  optimizer,
}: Checkpoint): string | undefined {
  const lengthOf = (some: readonly ParameterShape[]): number =>
    some.reduce((sum, parameter) => sum + sizeOf(parameter), 0);
  const all = lengthOf(parameters);
  const trainable = lengthOf(parameters.filter((parameter) => parameter.trainable));
  if (weights.length !== all) return `it has ${weights.length} weights, but parameters for ${all}`;
  const [slot] = Object.values(optimizer.slots);
  return slot === undefined || slot.length === trainable
    ? undefined
    : `its optimizer slots have ${slot.length} elements, but ${trainable} parameters are trainable`;
}
