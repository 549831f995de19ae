import { LockstepError } from '@lockstep/core';
import { bytesPerElement, elementCount } from './dataTypes.js';
import type { NativeFunctions, Pointer } from './functions.js';
import { copyBytes, int64Array } from './memory.js';

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
