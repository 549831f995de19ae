import { Dataset, Group } from 'h5wasm/node';
import { defectIn } from '../defect.js';
import { reasonOf, withFile } from './library.js';
import { dataset, group, type HdfAttribute, type HdfDataset, type HdfGroup } from './tree.js';

/**
 * All of an HDF5 file. What is neither float32 nor an integer, is left out: a model's file has nothing else that
 * Lockstep could use.
 *
 * @param file for messages
 * @throws MODEL_FILE where it is cut short, or no HDF5
 */
export async function readHdf5(bytes: Uint8Array, file: string): Promise<HdfGroup> {
  try {
    return await withFile(bytes, (root) => readGroup(root));
  } catch (cause) {
    throw defectIn(file, `is no whole HDF5 file: ${reasonOf(cause)}`, undefined, cause);
  }
}

function readGroup(from: Group): HdfGroup {
  const members: Record<string, HdfGroup | HdfDataset> = {};
  for (const name of from.keys()) {
    const member = from.get(name);
    if (member instanceof Group) members[name] = readGroup(member);
    const read = member instanceof Dataset ? readDataset(member) : null;
    if (read !== null) members[name] = read;
  }
  return group(members, readAttributes(from));
}

function readDataset(from: Dataset): HdfDataset | null {
  const shape = from.shape ?? [];
  const { value, dtype } = from;
  if (dtype === '<f' || dtype === '>f') {
    return dataset(
      value instanceof Float32Array ? value : Float32Array.of(...numbers(value)),
      shape,
    );
  }
  if (typeof dtype !== 'string' || !/^[<>][bhiqBHIQ]$/.test(dtype)) return null;
  return dataset(BigInt64Array.from(numbers(value), BigInt), shape);
}

/** A single value comes bare. */
function numbers(value: unknown): number[] {
  const many = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : null;
  return many ?? [value as number];
}

/** An empty list has no texts to be known by: NumPy writes it as one of numbers. */
function readAttributes({ attrs }: Group): Record<string, HdfAttribute> {
  const attributes: Record<string, HdfAttribute> = {};
  for (const [name, { value }] of Object.entries(attrs)) {
    if (typeof value === 'string' || isTexts(value)) attributes[name] = value;
    else if (ArrayBuffer.isView(value) && value.byteLength === 0) attributes[name] = [];
  }
  return attributes;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
