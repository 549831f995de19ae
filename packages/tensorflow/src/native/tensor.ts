import { LockstepError } from '@lockstep/core';
import { bytesPerElement, elementCount } from './dataTypes.js';
import type { NativeFunctions, Pointer } from './functions.js';
import { copyBytes, doNothing, int64Array } from './memory.js';

/** A new tensor of a type with a fixed size, with these bytes; to be deleted by the caller. */
export function tensorFrom(
  c: NativeFunctions,
  type: number,
  shape: readonly number[],
  values: NodeJS.ArrayBufferView,
): Pointer {
  const bytes = elementCount(shape) * bytesPerElement(type);
  checkBytes(values, bytes);
  const tensor = c.TF_AllocateTensor(type, int64Array(shape), shape.length, bytes);
  copyBytes(c.TF_TensorData(tensor), values, bytes);
  return tensor;
}

/**
 * A new tensor whose memory is that of the array, so that nothing is copied; where that is not aligned as
 * TensorFlow wants it (see alignedFloats), TensorFlow makes a copy. To be deleted by the caller.
 *
 * As long as the tensor or anything that shares its memory lives, the array must neither be collected nor
 * written. A variable that the tensor is assigned to does share it, beyond the run; kernels that only read the
 * tensor do not, and none writes to it: they work in place on memory that nobody else refers to.
 */
export function tensorOver(
  c: NativeFunctions,
  type: number,
  shape: readonly number[],
  values: NodeJS.ArrayBufferView,
): Pointer {
  const bytes = elementCount(shape) * bytesPerElement(type);
  checkBytes(values, bytes);
  return c.TF_NewTensor(type, int64Array(shape), shape.length, values, bytes, doNothing, 0n);
}

/** Copies a tensor's bytes into an array that they fill. */
export function readTensor(
  c: NativeFunctions,
  tensor: Pointer,
  into: NodeJS.ArrayBufferView,
): void {
  const bytes = c.TF_TensorByteSize(tensor);
  checkBytes(into, bytes);
  copyBytes(into, c.TF_TensorData(tensor), bytes);
}

/** What is copied is not looked at again: a wrong length would be a write into foreign memory. */
function checkBytes({ byteLength }: NodeJS.ArrayBufferView, needed: number): void {
  if (byteLength === needed) return;
  throw new LockstepError('INTERNAL', `an array of ${byteLength} bytes for a tensor of ${needed}`);
}
