import type { Compression } from '../reducer.js';

/**
 * What crosses between two ranks in place of a float32 array. Codecs keep no state: what encoding lost stands
 * in the residual, which belongs to whoever sends (one element for each element of the flat array, all 0 at
 * first) and is added to what is sent at the same place the next time. So nothing is lost for good, only late:
 * error feedback (Seide et al. 2014, "1-bit stochastic gradient descent"; Karimireddy et al. 2019,
 * arXiv 1901.09847).
 *
 * All arrays lie in one kernel memory (../kernels/kernelMemory.ts) and may not overlap. `from` and `into` of
 * bytes have `bytesPerElement` times the elements of their counterpart, begin at a multiple of that, and are
 * little endian.
 */
export interface Codec {
  readonly compression: Compression;
  readonly bytesPerElement: 2 | 4;
  /**
   * Rounds `values + residual` to the nearest that the format has, ties to even, and leaves in `residual` what
   * that changed. A sum beyond the format's range becomes its largest finite number, and the rest stays in the
   * residual. NaN and infinity are sent as they are, so that a divergence is seen, and leave a residual of 0.
   *
   * @param values not written to
   * @param residual of as many elements; not looked at by a codec that loses nothing, and may be empty then
   */
  encode(values: Float32Array, into: Uint8Array, residual: Float32Array): void;
  /** `into = from` */
  decode(from: Uint8Array, into: Float32Array): void;
  /** `into = into + from` */
  decodeAdd(from: Uint8Array, into: Float32Array): void;
}
