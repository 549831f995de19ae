import { parentPort } from 'node:worker_threads';
import { Dataset, Group } from 'h5wasm';
import { reasonOf, withFile } from './library.js';

/**
 * The thread in which `read.ts` has files read. JavaScript with its types in comments: Node 20 cannot start a thread
 * from TypeScript, as unit tests would, which run from the sources.
 *
 * @import { HdfAttribute, HdfDataset, HdfGroup } from './tree.js'
 * @import { Answer } from './read.js'
 */
parentPort?.on('message', async (/** @type {Uint8Array} */ bytes) => {
  parentPort?.postMessage(await answer(bytes));
});

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Answer>}
 * @throws what leaves the library in no state to go on, and thus ends the thread: an abort, an access out of bounds
 */
async function answer(bytes) {
  try {
    return { root: await withFile(bytes, readGroup) };
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'RuntimeError') throw error;
    return { reason: reasonOf(error) };
  }
}

/**
 * @param {Group} from
 * @returns {HdfGroup}
 */
function readGroup(from) {
  /** @type {Record<string, HdfGroup | HdfDataset>} */
  const members = {};
  for (const name of from.keys()) {
    const member = from.get(name);
    if (member instanceof Group) members[name] = readGroup(member);
    const read = member instanceof Dataset ? readDataset(member) : null;
    if (read !== null) members[name] = read;
  }
  return { kind: 'group', attributes: readAttributes(from), members };
}

/**
 * What is neither float32 nor an integer, is left out: a model's file has nothing else that Lockstep could use.
 *
 * @param {Dataset} from
 * @returns {HdfDataset | null}
 */
function readDataset(from) {
  const shape = from.shape ?? [];
  const { value, dtype } = from;
  if (dtype === '<f' || dtype === '>f') {
    const values = value instanceof Float32Array ? value : Float32Array.from(numbers(value));
    return { kind: 'dataset', shape, values };
  }
  if (typeof dtype !== 'string' || !/^[<>][bhiqBHIQ]$/.test(dtype)) return null;
  return { kind: 'dataset', shape, values: BigInt64Array.from(numbers(value), BigInt) };
}

/**
 * A single value comes bare.
 *
 * @param {unknown} value
 * @returns {number[]}
 */
function numbers(value) {
  return ArrayBuffer.isView(value)
    ? Array.from(/** @type {Float32Array} */ (value))
    : [/** @type {number} */ (value)];
}

/**
 * An empty list has no texts to be known by: NumPy writes it as one of numbers.
 *
 * @param {Group} from
 * @returns {Record<string, HdfAttribute>}
 */
function readAttributes({ attrs }) {
  /** @type {Record<string, HdfAttribute>} */
  const attributes = {};
  for (const [name, { value }] of Object.entries(attrs)) {
    if (typeof value === 'string' || isTexts(value)) attributes[name] = value;
    else if (ArrayBuffer.isView(value) && value.byteLength === 0) attributes[name] = [];
  }
  return attributes;
}

/**
 * @param {unknown} value
 * @returns {value is string[]}
 */
function isTexts(value) {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
