import { elementsOf, type SavedModel, type SavedWeight } from '../savedModel.js';

/** A float32 array with the name that it has in a file: `conv2d/kernel`. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export function namedArrays(weights: readonly SavedWeight[]): NamedArray[] {
  return weights.map(({ layer, name, shape, values }) => ({
    name: `${layer}/${name}`,
    shape,
    values,
  }));
}

/**
 * A model of weights alone. A name's last part is the weight's own, what stands before it the layer's; parts are
 * separated by `/` or, as PyTorch has it, by `.`.
 *
 * @param name of the model, for want of a better one
 */
export function weightsOnly(arrays: readonly NamedArray[], name: string): SavedModel {
  return {
    name,
    topology: null,
    loss: null,
    weights: arrays.map(savedWeight),
    optimizer: null,
    notes: [],
  };
}

export function savedWeight({ name: path, shape, values }: NamedArray): SavedWeight {
  const [, layer, name] = /^(?:(.*)[/.])?([^/.]+)$/.exec(path.replace(/:\d+$/, '')) ?? [];
  return { layer: layer ?? '', name: name ?? path, shape, trainable: true, values, slots: {} };
}

/** The bytes as float32, little-endian, in an array of its own; null where they are not as many as that. */
export function float32From(bytes: Uint8Array, shape: readonly number[]): Float32Array | null {
  if (bytes.length !== elementsOf(shape) * Float32Array.BYTES_PER_ELEMENT) return null;
  const values = new Float32Array(elementsOf(shape));
  new Uint8Array(values.buffer).set(bytes);
  return values;
}
