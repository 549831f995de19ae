import { LockstepError } from '@lockstep/core';
import { dataType, elementCount } from '../native/dataTypes.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { fitsInTensor, stringTensor } from '../native/strings.js';
import { attributeType } from './attributes.js';
import type { Eager } from './eager.js';

const ofStrings = [{ name: 'T', type: attributeType.type, value: dataType.string }];

/**
 * A new `TFE_TensorHandle` of strings.
 *
 * `TF_DeleteTensor` frees the strings of a tensor where it is the last to hold them; deleting a handle frees
 * only those that an op has made. So the handle is that of a copy made by an op, unless the strings are so
 * short that they lie in the tensor itself.
 *
 * @throws LockstepError USAGE where a value is no bytes, or there are more or fewer than the shape says
 */
export function stringHandle(
  c: NativeFunctions,
  eager: Eager,
  shape: readonly number[],
  values: readonly Uint8Array[],
): Pointer {
  if (!values.every((value) => value instanceof Uint8Array)) {
    throw new LockstepError(
      'USAGE',
      'strings of a tensor are given as their bytes, in Uint8Arrays',
    );
  }
  if (values.length !== elementCount(shape)) {
    throw new LockstepError(
      'USAGE',
      `a tensor of shape [${shape}] cannot hold ${values.length} strings`,
    );
  }
  const tensor = stringTensor(c, shape, values);
  try {
    const handle = eager.handleFrom(tensor);
    if (values.every(fitsInTensor)) return handle;
    try {
      return eager.execute('DeepCopy', ofStrings, [handle], 1)[0] as Pointer;
    } finally {
      eager.delete(handle);
    }
  } finally {
    c.TF_DeleteTensor(tensor);
  }
}
