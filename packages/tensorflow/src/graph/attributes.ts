import type { NativeFunctions, Pointer } from '../native/functions.js';
import { int64Array } from '../native/memory.js';
import type { Status } from '../native/status.js';

/** The value of an operation's attribute; `tensor` is only read, and stays the caller's. */
export type Attribute =
  | { readonly string: string }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly bool: boolean }
  | { readonly type: number }
  | { readonly types: readonly number[] }
  | { readonly shape: readonly number[] }
  | { readonly tensor: Pointer };

export type Attributes = Readonly<Record<string, Attribute>>;

export function setAttribute(
  c: NativeFunctions,
  description: Pointer,
  name: string,
  value: Attribute,
  status: Status,
): void {
  if ('string' in value) {
    const bytes = Buffer.from(value.string);
    c.TF_SetAttrString(description, name, bytes, bytes.length);
  } else if ('int' in value) c.TF_SetAttrInt(description, name, value.int);
  else if ('ints' in value) {
    c.TF_SetAttrIntList(description, name, int64Array(value.ints), value.ints.length);
  } else if ('float' in value) c.TF_SetAttrFloat(description, name, value.float);
  else if ('floats' in value) {
    c.TF_SetAttrFloatList(description, name, Float32Array.from(value.floats), value.floats.length);
  } else if ('bool' in value) c.TF_SetAttrBool(description, name, value.bool ? 1 : 0);
  else if ('type' in value) c.TF_SetAttrType(description, name, value.type);
  else if ('types' in value) {
    c.TF_SetAttrTypeList(description, name, Int32Array.from(value.types), value.types.length);
  } else if ('shape' in value) {
    c.TF_SetAttrShape(description, name, int64Array(value.shape), value.shape.length);
  } else {
    c.TF_SetAttrTensor(description, name, value.tensor, status.pointer);
    status.check();
  }
}
