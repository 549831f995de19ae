import { bytesOf } from '@lockstep/core';
import { defectIn } from '../defect.js';
import { float32From, type NamedArray } from './named.js';

/**
 * NumPy's array file: magic, version, length of the header, the header as Python writes a dictionary, the numbers.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);
const alignment = 64;
/** Magic, version (2 bytes) and length (2 bytes) of version 1. */
const prefixBytes = 10;

export function encodeNpy({ shape, values }: NamedArray): Uint8Array {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sides}), }`;
  const length = Math.ceil((prefixBytes + text.length + 1) / alignment) * alignment;
  const header = `${text.padEnd(length - prefixBytes - 1)}\n`;
  const bytes = new Uint8Array(length + values.byteLength);
  bytes.set([...magic, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), prefixBytes);
  bytes.set(bytesOf(values), length);
  return bytes;
}

/** @throws MODEL_FILE where it is no float32 array in C order, or is cut short */
export function decodeNpy(bytes: Uint8Array, name: string, file: string): NamedArray {
  const defect = (what: string) => defectIn(file, `has an array ${name} that ${what}`);
  if (!magic.every((byte, index) => bytes[index] === byte)) throw defect('is none of NumPy');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 0) > 1;
  const begin = wide ? prefixBytes + 2 : prefixBytes;
  if (bytes.length < begin) throw defect('is cut short');
  const end = begin + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, end));
  const type = /'descr': *'([^']*)'/.exec(header)?.[1];
  if (type !== '<f4') throw defect(`is of type ${type ?? 'unknown'}, not float32 (<f4)`);
  if (!/'fortran_order': *False/.test(header)) throw defect('is in Fortran order');
  const sides = /'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? '';
  const shape = sides.split(',').flatMap((side) => (side.trim() === '' ? [] : [Number(side)]));
  const values = float32From(bytes.subarray(end), shape);
  if (values === null) throw defect('is cut short');
  return { name, shape, values };
}
