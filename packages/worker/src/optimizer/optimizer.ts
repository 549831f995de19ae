import { LockstepError } from '@lockstep/core';

/** The optimizer's memory by slot name, each as long as the weights it belongs to. */
export type Slots = Record<string, Float32Array>;

/**
 * An update rule on flat float32 arrays: element by element, so that updating a part of the weights with
 * the same part of everything else gives the same bits as updating the whole.
 *
 * Intermediate values are float64 (JavaScript's numbers) and rounded once, when they are stored; Keras
 * rounds each operation to float32, so the two agree to float32 rounding, not bit by bit.
 */
export interface Optimizer {
  /** In the order of Keras's optimizer variables. */
  readonly slotNames: readonly string[];
  /** The slot before the first update. */
  initialSlot(name: string, length: number): Float32Array;
  /**
   * Updates weights and slots in place; the gradient is only read.
   *
   * @param iterations updates applied so far: 0 in the first call.
   */
  update(
    weights: Float32Array,
    gradient: Float32Array,
    slots: Slots,
    learningRate: number,
    iterations: number,
  ): void;
}

/** `initialSlot` of the optimizers whose memory starts at zero: all but Adagrad. */
export function zeroSlot(_name: string, length: number): Float32Array {
  return new Float32Array(length);
}

/** The slot of this name; INTERNAL where it is missing or of another length than the weights. */
export function slotOf(slots: Slots, name: string, weights: Float32Array): Float32Array {
  const slot = slots[name];
  if (slot?.length === weights.length) return slot;
  const found = slot === undefined ? 'is missing' : `has ${slot.length} elements`;
  throw new LockstepError(
    'INTERNAL',
    `the optimizer's slot '${name}' ${found}, the weights have ${weights.length}`,
  );
}

/** Refuses a gradient of another length than the weights (INTERNAL): it would be applied in part. */
export function checkGradient(weights: Float32Array, gradient: Float32Array): void {
  if (gradient.length === weights.length) return;
  throw new LockstepError(
    'INTERNAL',
    `the gradient has ${gradient.length} elements, the weights have ${weights.length}`,
  );
}
