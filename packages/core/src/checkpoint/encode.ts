import { createHash } from 'node:crypto';
import { LockstepError } from '../errors.js';
import { bytesOf } from '../hash.js';
import { type Checkpoint, contradictionIn } from './checkpoint.js';
import { toExactJson } from './exactJson.js';
import { aligned, formatVersion, magic, prefixBytes } from './format.js';
import { checkpointHeaderSchema, type FileHeader, firstIssue, type TensorEntry } from './header.js';

/** So many bytes are hashed at a time: whoever shares the event loop with the writer waits for no more. */
const pieceBytes = 1024 * 1024;

/**
 * The file in pieces, to be written one after another; each is hashed when it is asked for. The tensors' pieces are
 * views on the checkpoint's arrays, which must not change before they are written. INTERNAL when the checkpoint
 * contradicts itself.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Iterable<Uint8Array> {
  const { weights, optimizer, remembered } = checkpoint;
  const arrays: [string, Float32Array][] = [
    ['weights', weights],
    ...Object.entries(optimizer.slots).map(([name, slot]): [string, Float32Array] => [
      `optimizer/${name}`,
      slot,
    ]),
  ];
  if (remembered) arrays.push(['remembered', remembered]);

  const tensors: TensorEntry[] = [];
  const body: Uint8Array[] = [];
  let offset = 0;
  for (const [name, array] of arrays) {
    const padding = aligned(offset) - offset;
    offset += padding;
    tensors.push({ name, length: array.length, offset });
    body.push(new Uint8Array(padding), bytesOf(array));
    offset += array.byteLength;
  }
  return sealed([prefixOf(fileHeaderOf(checkpoint, tensors)), ...body]);
}

/** The parts, and their checksum behind them. */
function* sealed(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (let begin = 0; begin < part.length; begin += pieceBytes) {
      const piece = part.subarray(begin, begin + pieceBytes);
      hash.update(piece);
      yield piece;
    }
  }
  yield hash.digest();
}

function fileHeaderOf(checkpoint: Checkpoint, tensors: TensorEntry[]): FileHeader {
  const checked = checkpointHeaderSchema.safeParse(checkpoint.header);
  const defect = checked.success ? contradictionIn(checkpoint) : firstIssue(checked.error);
  if (defect !== undefined || !checked.success) {
    throw new LockstepError('INTERNAL', `a checkpoint that cannot be written: ${defect}`);
  }
  return {
    formatVersion,
    ...checked.data,
    optimizerIterations: checkpoint.optimizer.iterations,
    tensors,
  };
}

/** Magic, version, length and header, padded to where the tensors begin. */
function prefixOf(header: FileHeader): Uint8Array {
  const json = new TextEncoder().encode(toExactJson(header));
  const prefix = new Uint8Array(aligned(prefixBytes + json.length));
  const view = new DataView(prefix.buffer);
  prefix.set(magic);
  view.setUint32(8, formatVersion, true);
  view.setUint32(12, json.length, true);
  prefix.set(json, prefixBytes);
  return prefix;
}
