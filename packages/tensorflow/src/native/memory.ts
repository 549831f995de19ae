import koffi from 'koffi';
import type { Memory } from './functions.js';

/**
 * Copies bytes between memory of ours and memory of TensorFlow. A `koffi.view` of the same memory costs
 * fifteen times as much: it makes an ArrayBuffer that the garbage collector has to look after.
 */
export const copyBytes: (target: Memory, source: Memory, bytes: number) => void = koffi
  .load(null)
  .func('void memcpy(void*, void*, size_t)');

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
