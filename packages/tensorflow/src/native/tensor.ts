import koffi from 'koffi';
import { bytesPerElement, elementCount } from './dataTypes.js';
import type { NativeFunctions, Pointer } from './functions.js';

/** A new `TF_Tensor` of a type with a fixed size, with undefined content; to be deleted by the caller. */
export function allocateTensor(
  c: NativeFunctions,
  type: number,
  shape: readonly number[],
): Pointer {
  const bytes = elementCount(shape) * bytesPerElement(type);
  return c.TF_AllocateTensor(type, BigInt64Array.from(shape, BigInt), shape.length, bytes);
}

/**
 * The bytes of a tensor where they lie: no copy. To be read or written before the tensor is deleted, never
 * after: nothing keeps the memory for the view.
 */
export function bytesOfTensor(c: NativeFunctions, tensor: Pointer): Uint8Array {
  const bytes = Number(c.TF_TensorByteSize(tensor));
  if (bytes === 0) return new Uint8Array(0);
  return new Uint8Array(koffi.view(c.TF_TensorData(tensor), bytes));
}

/** A new tensor with these bytes; to be deleted by the caller. */
export function tensorFrom(
  c: NativeFunctions,
  type: number,
  shape: readonly number[],
  values: NodeJS.ArrayBufferView,
): Pointer {
  const tensor = allocateTensor(c, type, shape);
  bytesOfTensor(c, tensor).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return tensor;
}
