import type { Compression } from '../reducer.js';
import type { Codec } from './codec.js';
import type { Format } from './format.js';

/** A codec as plainly as it can be said, one number at a time, for arrays of any memory. */
export function referenceCodec(compression: Compression, { toWord, fromWord }: Format): Codec {
  return {
    compression,
    bytesPerElement: 2,
    encode(values, into, residual) {
      const words = wordsOf(into);
      for (let i = 0; i < values.length; i++) {
        const sum = Math.fround(values[i]! + residual[i]!);
        words[i] = toWord(sum);
        // Exact: both are multiples of the same power of two, and close to each other.
        residual[i] = Number.isFinite(sum) ? sum - fromWord(words[i]!) : 0;
      }
    },
    decode(from, into) {
      const words = wordsOf(from);
      for (let i = 0; i < into.length; i++) into[i] = fromWord(words[i]!);
    },
    decodeAdd(from, into) {
      const words = wordsOf(from);
      for (let i = 0; i < into.length; i++) into[i] = into[i]! + fromWord(words[i]!);
    },
  };
}

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint16Array =>
  new Uint16Array(buffer, byteOffset, byteLength / Uint16Array.BYTES_PER_ELEMENT);
