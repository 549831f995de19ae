import type { SavedModel } from '../savedModel.js';
import { unzip, zip } from '../zip.js';
import { namedArrays, weightsOnly } from './named.js';
import { decodeNpy, encodeNpy } from './npy.js';

/**
 * NumPy's `.npz`: a zip of arrays, `conv2d/kernel.npy` and so on.
 *
 * @throws MODEL_FILE
 */
export function readNpz(bytes: Uint8Array, file: string, name: string): SavedModel {
  const arrays = Object.entries(unzip(bytes, file))
    .filter(([entry]) => entry.endsWith('.npy'))
    .map(([entry, content]) => decodeNpy(content, entry.slice(0, -'.npy'.length), file));
  return weightsOnly(arrays, name);
}

export function writeNpz({ weights }: SavedModel): Uint8Array {
  const entries = namedArrays(weights).map((array) => [`${array.name}.npy`, encodeNpy(array)]);
  return zip(Object.fromEntries(entries));
}
