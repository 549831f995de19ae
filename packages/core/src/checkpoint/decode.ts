import { LockstepError } from '../errors.js';
import { bytesOf, sha256 } from '../hash.js';
import { type Checkpoint, contradictionIn, hasItsWeights } from './checkpoint.js';
import { fromExactJson } from './exactJson.js';
import { aligned, checksumBytes, formatVersion, magic, prefixBytes } from './format.js';
import { type FileHeader, firstIssue, type TensorEntry } from './header.js';
import { readers } from './versions.js';

/** What is wrong with the bytes, to follow the file's name in a sentence. */
class Defect extends Error {}

/**
 * The checkpoint in the bytes of a file, in arrays of its own. CHECKPOINT_CORRUPT, naming the file and the
 * defect, for anything that `encodeCheckpoint` did not write.
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): Checkpoint {
  try {
    const { header, tensorsBegin } = readHeader(bytes);
    const arrays = readTensors(header.tensors, bytes.subarray(tensorsBegin, -checksumBytes));
    return assemble(header, arrays);
  } catch (thrown) {
    if (!(thrown instanceof Defect)) throw thrown;
    throw new LockstepError('CHECKPOINT_CORRUPT', `${file} ${thrown.message}`, {
      hint: 'Resume from an earlier checkpoint, or start the run anew.',
    });
  }
}

/** Checks from the outside in: what kind of file, whole or not, and only then what it says. */
function readHeader(bytes: Uint8Array): { header: FileHeader; tensorsBegin: number } {
  if (!magic.every((byte, index) => bytes[index] === byte)) {
    throw new Defect('is not a Lockstep checkpoint');
  }
  const tooShort = new Defect(`is cut short: it ends after ${bytes.length} bytes`);
  if (bytes.length < prefixBytes + checksumBytes) throw tooShort;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (!readers.has(version)) {
    const relation = version > formatVersion ? 'newer' : 'unknown';
    const known = [...readers.keys()].join(', ');
    throw new Defect(
      `has the ${relation} format version ${version}; this Lockstep reads version ${known}`,
    );
  }
  const headerEnd = prefixBytes + view.getUint32(12, true);
  const tensorsBegin = aligned(headerEnd);
  if (tensorsBegin > bytes.length - checksumBytes) throw tooShort;
  const checksum = Buffer.from(bytes.subarray(-checksumBytes)).toString('hex');
  if (sha256(bytes.subarray(0, -checksumBytes)) !== checksum) {
    throw new Defect('is cut short or was changed: its checksum does not match');
  }
  return { header: parseHeader(version, bytes.subarray(prefixBytes, headerEnd)), tensorsBegin };
}

function parseHeader(version: number, json: Uint8Array): FileHeader {
  let value: unknown;
  try {
    value = fromExactJson(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (thrown) {
    throw new Defect(`has a header that is no JSON: ${String(thrown)}`);
  }
  const parsed = readers.get(version)!(value);
  if (!parsed.success) throw new Defect(`does not fit the format: ${firstIssue(parsed.error)}`);
  return parsed.data;
}

/** Copies each tensor out: the file's bytes may be unaligned, and need not stay in memory. */
function readTensors(tensors: TensorEntry[], body: Uint8Array): Map<string, Float32Array> {
  const arrays = new Map<string, Float32Array>();
  let end = 0;
  for (const { name, length, offset } of tensors.toSorted((a, b) => a.offset - b.offset)) {
    const defect = (what: string) => new Defect(`has a tensor ${name} that ${what}`);
    if (arrays.has(name)) throw defect('is there twice');
    if (offset !== aligned(offset)) throw defect(`begins between two multiples of 64: ${offset}`);
    if (offset < end) throw defect('overlaps the one before');
    end = offset + length * Float32Array.BYTES_PER_ELEMENT;
    if (end > body.length) throw defect('reaches beyond the end');
    const array = new Float32Array(length);
    bytesOf(array).set(body.subarray(offset, end));
    arrays.set(name, array);
  }
  if (end !== body.length) throw new Defect('has bytes that belong to no tensor');
  return arrays;
}

function assemble(fileHeader: FileHeader, arrays: Map<string, Float32Array>): Checkpoint {
  const { formatVersion: _, tensors, optimizerIterations, ...header } = fileHeader;
  const weights = arrays.get('weights');
  if (!weights) throw new Defect('has no weights');
  const remembered = arrays.get('remembered');
  const slots: Record<string, Float32Array> = {};
  for (const { name } of tensors) {
    const slot = /^optimizer\/(.+)$/.exec(name)?.[1];
    if (slot !== undefined) slots[slot] = arrays.get(name)!;
    else if (name !== 'weights' && name !== 'remembered') {
      throw new Defect(`has a tensor ${name}, which the format does not know`);
    }
  }
  const checkpoint: Checkpoint = {
    header,
    weights,
    optimizer: { iterations: optimizerIterations, slots },
    ...(remembered && { remembered }),
  };
  const defect = hasItsWeights(checkpoint)
    ? contradictionIn(checkpoint)
    : 'the weights are not those of the hash in the header';
  if (defect !== undefined) throw new Defect(`contradicts itself: ${defect}`);
  return checkpoint;
}
