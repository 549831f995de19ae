import { LockstepError } from '@lockstep/core';
import { bytesPerElement, dataType, dataTypeName, elementCount } from '../native/dataTypes.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { copyBytes, int64Array } from '../native/memory.js';
import { readStrings } from '../native/strings.js';

/** What a tensor holds, in row-major order; complex64 as pairs, strings as bytes of UTF-8. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | BigInt64Array
  | BigUint64Array;

/** Which typed array comes back for elements of a type; bfloat16 as its bits. */
const arrayTypes: Readonly<Record<number, new (buffer: ArrayBuffer) => TypedArray>> = {
  [dataType.float32]: Float32Array,
  [dataType.float64]: Float64Array,
  [dataType.int32]: Int32Array,
  [dataType.uint8]: Uint8Array,
  [dataType.int16]: Int16Array,
  [dataType.int8]: Int8Array,
  [dataType.complex64]: Float32Array,
  [dataType.int64]: BigInt64Array,
  [dataType.bool]: Uint8Array,
  [dataType.bfloat16]: Uint16Array,
  [dataType.uint64]: BigUint64Array,
};

/** tfjs-node writes an int64 as two int32: its low half and its high half. */
function mayHold(values: NodeJS.ArrayBufferView, type: number): boolean {
  const arrayType = arrayTypes[type];
  if (arrayType !== undefined && values instanceof arrayType) return true;
  return type === dataType.int64 && values instanceof Int32Array;
}

/**
 * A new `TF_Tensor` with a copy of the values; to be deleted by the caller.
 *
 * @throws LockstepError USAGE where the array is of another type or length than the tensor
 */
export function tensorFromArray(
  c: NativeFunctions,
  type: number,
  shape: readonly number[],
  values: NodeJS.ArrayBufferView,
): Pointer {
  if (!mayHold(values, type)) {
    const array = Object.prototype.toString.call(values).slice('[object '.length, -1);
    throw new LockstepError(
      'USAGE',
      `a tensor of ${dataTypeName(type)} cannot be made from ${array}`,
    );
  }
  const bytes = elementCount(shape) * bytesPerElement(type);
  if (bytes !== values.byteLength) {
    throw new LockstepError(
      'USAGE',
      `a tensor of ${dataTypeName(type)} and shape [${shape}] takes ${bytes} bytes, but the values have ${values.byteLength}`,
    );
  }
  const tensor = c.TF_AllocateTensor(type, int64Array(shape), shape.length, bytes);
  if (bytes > 0) copyBytes(c.TF_TensorData(tensor), values, bytes);
  return tensor;
}

/**
 * A copy of what a `TF_Tensor` holds. Of a resource: its handle as the bytes of a protocol buffer.
 *
 * @throws LockstepError INTERNAL for a type that has no typed array
 */
export function valuesOfTensor(c: NativeFunctions, tensor: Pointer): TypedArray | Uint8Array[] {
  const type = c.TF_TensorType(tensor);
  if (type === dataType.string) return readStrings(c, tensor);
  const arrayType = type === dataType.resource ? Uint8Array : arrayTypes[type];
  if (arrayType === undefined) {
    throw new LockstepError('INTERNAL', `values of ${dataTypeName(type)} cannot be read`);
  }
  const bytes = Number(c.TF_TensorByteSize(tensor));
  const values = new arrayType(new ArrayBuffer(bytes));
  if (bytes > 0) copyBytes(values, c.TF_TensorData(tensor), bytes);
  return values;
}
