import koffi from 'koffi';
import type { Memory, Pointer } from './functions.js';

const system = koffi.load(null);

/**
 * Copies bytes between memory of ours and memory of TensorFlow. A `koffi.view` of the same memory costs
 * fifteen times as much: it makes an ArrayBuffer that the garbage collector has to look after.
 */
export const copyBytes: (target: Memory, source: Memory, bytes: number) => void = system.func(
  'void memcpy(void*, void*, size_t)',
);

/**
 * A function that does nothing whatever it is given, where TensorFlow wants to be told how memory is freed that
 * is not its own. None in JavaScript will do: TensorFlow calls from threads of its own. (It is `abs`.)
 */
export const doNothing: Pointer = system.symbol('abs');

/** Where the array's memory begins; it stays there. */
export const addressOf: (memory: NodeJS.ArrayBufferView | ArrayBuffer) => Pointer = koffi.address;

/** Where TensorFlow wants the memory of its tensors to begin: at a multiple of so many bytes. */
const alignment = 64;

/** Zeros, aligned so that TensorFlow can work on them as they lie; see tensorOver. */
export function alignedFloats(length: number): Float32Array {
  const buffer = new ArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT + alignment);
  const offset = Number(-addressOf(buffer) & BigInt(alignment - 1));
  return new Float32Array(buffer, offset, length);
}

/** A copy of what a `TF_Buffer` has: it begins with the address of its bytes and how many they are. */
export function bytesOfBuffer(buffer: Pointer): Uint8Array {
  const head = new BigUint64Array(2);
  copyBytes(head, buffer, head.byteLength);
  const [address = 0n, length = 0n] = head;
  const bytes = new Uint8Array(Number(length));
  copyBytes(bytes, address, bytes.byteLength);
  return bytes;
}

const half = 2 ** 32;

/**
 * Whole numbers as `int64_t[]`: pairs of a low and a high half, which spares a BigInt for each. Both machines
 * that TensorFlow is built for are little-endian.
 */
export function int64Array(values: readonly number[]): Int32Array {
  const halves = new Int32Array(2 * values.length);
  for (const [index, value] of values.entries()) {
    halves[2 * index] = value % half;
    halves[2 * index + 1] = Math.floor(value / half);
  }
  return halves;
}
