import { LockstepError } from '../errors.js';
import { bytesOf, sha256 } from '../hash.js';
import { type Checkpoint, contradictionIn } from './checkpoint.js';
import { toExactJson } from './exactJson.js';
import { aligned, formatVersion, magic, prefixBytes } from './format.js';
import { checkpointHeaderSchema, type FileHeader, firstIssue, type TensorEntry } from './header.js';

/**
 * The file in parts, to be written one after another. The tensors' parts are views on the checkpoint's
 * arrays, which must not change before they are written. INTERNAL when the checkpoint contradicts itself.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array[] {
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
  const parts = [prefixOf(fileHeaderOf(checkpoint, tensors)), ...body];
  return [...parts, Buffer.from(sha256(...parts), 'hex')];
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
