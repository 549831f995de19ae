import { LockstepError } from '@lockstep/core';

/** Element types by their code in the C API: `TF_DataType` of tensorflow/c/tf_datatype.h. */
export const dataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
  uint64: 23,
} as const;

/** Bytes an element takes; strings and resources have no fixed size. */
const elementBytes: Readonly<Record<number, number>> = {
  [dataType.float32]: 4,
  [dataType.float64]: 8,
  [dataType.int32]: 4,
  [dataType.uint8]: 1,
  [dataType.int16]: 2,
  [dataType.int8]: 1,
  [dataType.complex64]: 8,
  [dataType.int64]: 8,
  [dataType.bool]: 1,
  [dataType.bfloat16]: 2,
  [dataType.uint64]: 8,
};

export function dataTypeName(code: number): string {
  const found = Object.entries(dataType).find(([, known]) => known === code);
  return found?.[0] ?? `TensorFlow type ${code}`;
}

/** INTERNAL for types without a fixed size. */
export function bytesPerElement(code: number): number {
  const bytes = elementBytes[code];
  if (bytes !== undefined) return bytes;
  throw new LockstepError('INTERNAL', `elements of type ${dataTypeName(code)} have no fixed size`);
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);
