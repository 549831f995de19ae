import { dataType, elementCount } from './dataTypes.js';
import type { NativeFunctions, Pointer } from './functions.js';
import { copyBytes, int64Array } from './memory.js';

/** `sizeof(TF_TString)` of tensorflow/core/platform/ctstring_internal.h. */
const stringBytes = 24;

/** Longer strings lie outside the tensor. */
const inlineBytes = 22;

export const fitsInTensor = (string: Uint8Array): boolean => string.byteLength <= inlineBytes;

function stringsOf(c: NativeFunctions, tensor: Pointer, count: number): Pointer[] {
  const first = c.TF_TensorData(tensor);
  return Array.from({ length: count }, (_, index) => first + BigInt(index * stringBytes));
}

/** A new string tensor; to be deleted by the caller. */
export function stringTensor(
  c: NativeFunctions,
  shape: readonly number[],
  values: readonly Uint8Array[],
): Pointer {
  const bytes = values.length * stringBytes;
  const tensor = c.TF_AllocateTensor(dataType.string, int64Array(shape), shape.length, bytes);
  for (const [index, string] of stringsOf(c, tensor, values.length).entries()) {
    const value = values[index] as Uint8Array;
    c.TF_StringInit(string);
    c.TF_StringCopy(string, value, value.byteLength);
  }
  return tensor;
}

/** Copies of the strings, in row-major order. */
export function readStrings(c: NativeFunctions, tensor: Pointer): Uint8Array[] {
  const shape = Array.from({ length: c.TF_NumDims(tensor) }, (_, axis) => c.TF_Dim(tensor, axis));
  return stringsOf(c, tensor, elementCount(shape)).map((string) => {
    const value = new Uint8Array(c.TF_StringGetSize(string));
    copyBytes(value, c.TF_StringGetDataPointer(string), value.byteLength);
    return value;
  });
}
