import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { int64Array } from '../native/memory.js';

/** `TF_AttrType` of tensorflow/c/c_api.h. */
export const attributeType = {
  string: 0,
  int: 1,
  float: 2,
  bool: 3,
  type: 4,
  shape: 5,
  resource: 6,
} as const;

/** An attribute of an op as the kernels of tfjs-node give it. */
export interface OpAttribute {
  readonly name: string;
  /** One of `attributeType`. */
  readonly type: number;
  /** A value or, but for booleans, a list of values. A shape is a list of sizes, -1 for an unknown one; null: of unknown rank. */
  readonly value: unknown;
}

/** @throws LockstepError USAGE where the value is not of the attribute's type */
export function setAttribute(
  c: NativeFunctions,
  op: Pointer,
  { name, type, value }: OpAttribute,
  status: Pointer,
): void {
  if (setters[type]?.(c, op, name, value, status) !== true) {
    throw new LockstepError('USAGE', `the attribute '${name}' cannot be ${JSON.stringify(value)}`);
  }
}

/** Sets a value of one of the types, or says that it is of another. */
type Setter = (
  c: NativeFunctions,
  op: Pointer,
  name: string,
  value: unknown,
  status: Pointer,
) => boolean;

const setType: Setter = (c, op, name, value, status) => {
  if (isNumber(value)) c.TFE_OpSetAttrType(op, name, value);
  else if (isListOf(value, isNumber) && takesList(c, op, name, status))
    c.TFE_OpSetAttrTypeList(op, name, Int32Array.from(value), value.length);
  else return false;
  return true;
};

/** Asked of types only: a list of them for what is one type is ignored, not refused, by TensorFlow. */
function takesList(c: NativeFunctions, op: Pointer, name: string, status: Pointer): boolean {
  const isList = new Uint8Array(1);
  c.TFE_OpGetAttrType(op, name, isList, status);
  return isList[0] === 1;
}

const setBool: Setter = (c, op, name, value) => {
  if (typeof value !== 'boolean') return false;
  c.TFE_OpSetAttrBool(op, name, Number(value));
  return true;
};

/** Numbers lose their fractions: kernels of random ops pass the seed as the user gave it. */
const setInt: Setter = (c, op, name, value) => {
  if (isNumber(value)) c.TFE_OpSetAttrInt(op, name, Math.trunc(value));
  else if (isListOf(value, isNumber))
    c.TFE_OpSetAttrIntList(op, name, int64Array(value), value.length);
  else return false;
  return true;
};

const setFloat: Setter = (c, op, name, value) => {
  if (isNumber(value)) c.TFE_OpSetAttrFloat(op, name, value);
  else if (isListOf(value, isNumber))
    c.TFE_OpSetAttrFloatList(op, name, Float32Array.from(value), value.length);
  else return false;
  return true;
};

const setString: Setter = (c, op, name, value) => {
  if (isString(value)) c.TFE_OpSetAttrString(op, name, Buffer.from(value), utf8Bytes(value));
  else if (isListOf(value, isString))
    c.TFE_OpSetAttrStringList(op, name, value, int64Array(value.map(utf8Bytes)), value.length);
  else return false;
  return true;
};

const setShape: Setter = (c, op, name, value, status) => {
  if (value === null) c.TFE_OpSetAttrShape(op, name, null, -1, status);
  else if (isListOf(value, isNumber))
    c.TFE_OpSetAttrShape(op, name, int64Array(value), value.length, status);
  else return false;
  return true;
};

const setters: Readonly<Record<number, Setter>> = {
  [attributeType.type]: setType,
  [attributeType.bool]: setBool,
  [attributeType.int]: setInt,
  [attributeType.float]: setFloat,
  [attributeType.string]: setString,
  [attributeType.shape]: setShape,
};

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isString = (value: unknown): value is string => typeof value === 'string';
const utf8Bytes = (value: string): number => Buffer.byteLength(value);

function isListOf<Value>(
  value: unknown,
  isValue: (element: unknown) => element is Value,
): value is Value[] {
  return Array.isArray(value) && value.every(isValue);
}
