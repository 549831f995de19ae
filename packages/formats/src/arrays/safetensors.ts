import { bytesOf } from '@lockstep/core';
import { z } from 'zod';
import { defectIn } from '../defect.js';
import { parseRecord } from '../json.js';
import type { SavedModel } from '../savedModel.js';
import { float32From, namedArrays, weightsOnly } from './named.js';

/**
 * The length of the header (u64, little-endian), the header as JSON, the numbers.
 * https://huggingface.co/docs/safetensors/index#format
 */
const prefixBytes = 8;
const metadataKey = '__metadata__';

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/** @throws MODEL_FILE where it is cut short, or has other numbers than float32 */
export function readSafetensors(bytes: Uint8Array, file: string, name: string): SavedModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < prefixBytes ? Infinity : Number(view.getBigUint64(0, true));
  const begin = prefixBytes + headerBytes;
  if (begin > bytes.length) throw defectIn(file, 'is cut short, or is no safetensors file');
  const text = new TextDecoder().decode(bytes.subarray(prefixBytes, begin));
  const { [metadataKey]: _metadata, ...entries } = parseRecord(text, file, 'header');
  const arrays = Object.entries(entries).map(([entry, value]) => {
    const defect = (what: string) => defectIn(file, `has a tensor ${entry} that ${what}`);
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw defect('its header does not describe');
    const { dtype, shape, data_offsets } = parsed.data;
    if (dtype !== 'F32') throw defect(`is of type ${dtype}, not float32 (F32)`);
    const [from, to] = data_offsets;
    const values = float32From(bytes.subarray(begin + from, begin + to), shape);
    if (values === null) throw defect('is cut short, or of another shape');
    return { name: entry, shape, values, from };
  });
  // The header's order is anybody's; that of the numbers is the writer's.
  return weightsOnly(
    arrays.toSorted((a, b) => a.from - b.from),
    name,
  );
}

export function writeSafetensors({ weights }: SavedModel): Uint8Array {
  const header: Record<string, unknown> = { [metadataKey]: { format: 'lockstep' } };
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const { name, shape, values } of namedArrays(weights)) {
    const end = offset + values.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    parts.push(bytesOf(values));
    offset = end;
  }
  // Spaces bring the numbers to a multiple of 8, as the format asks for.
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  padded.set(json);
  const prefix = new Uint8Array(prefixBytes);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(padded.length), true);
  return Uint8Array.from(Buffer.concat([prefix, padded, ...parts]));
}
