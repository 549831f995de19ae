import { LockstepError } from '../../errors.js';
import type { CompressionKernels } from '../kernels/compressionKernels.js';
import type { KernelMemory } from '../kernels/kernelMemory.js';
import type { Codec } from './codec.js';

/** The kernels of one format. */
interface FormatKernels {
  readonly encode: CompressionKernels['encodeBfloat16'];
  readonly decode: CompressionKernels['decodeBfloat16'];
  readonly decodeAdd: CompressionKernels['decodeAddBfloat16'];
}

/** Elements that a vector instruction takes. */
const vectorLength = 4;

/**
 * A codec of 16 bits at the speed of memory: vectors by the kernels, the few elements after them by the
 * reference, which gives the same bits. All arrays must lie in the memory, and may not overlap.
 *
 * @throws LockstepError INTERNAL for arrays of other memory, of unlike lengths, or for words at odd addresses
 */
export function kernelCodec(
  { buffer }: KernelMemory,
  kernels: FormatKernels,
  reference: Codec,
): Codec {
  const { bytesPerElement } = reference;

  /** @returns how many elements are whole vectors */
  const check = (floats: Float32Array, bytes: Uint8Array): number => {
    if (floats.buffer !== buffer || bytes.buffer !== buffer) {
      throw new LockstepError('INTERNAL', 'a codec was given an array outside of its memory');
    }
    if (bytes.length !== floats.length * bytesPerElement) {
      throw new LockstepError(
        'INTERNAL',
        `a codec was given ${bytes.length} bytes for ${floats.length} elements of ${bytesPerElement}`,
      );
    }
    if (bytes.byteOffset % bytesPerElement !== 0) {
      throw new LockstepError('INTERNAL', 'a codec was given words at an odd address');
    }
    return floats.length - (floats.length % vectorLength);
  };

  return {
    compression: reference.compression,
    bytesPerElement,
    encode(values, into, residual) {
      if (residual.buffer !== buffer || residual.length !== values.length) {
        throw new LockstepError(
          'INTERNAL',
          `a codec was given a residual of ${residual.length} for ${values.length} elements, or outside of its memory`,
        );
      }
      const whole = check(values, into);
      kernels.encode(values.byteOffset, into.byteOffset, residual.byteOffset, whole);
      if (whole === values.length) return;
      reference.encode(
        values.subarray(whole),
        into.subarray(whole * bytesPerElement),
        residual.subarray(whole),
      );
    },
    decode(from, into) {
      const whole = check(into, from);
      kernels.decode(from.byteOffset, into.byteOffset, whole);
      if (whole === into.length) return;
      reference.decode(from.subarray(whole * bytesPerElement), into.subarray(whole));
    },
    decodeAdd(from, into) {
      const whole = check(into, from);
      kernels.decodeAdd(from.byteOffset, into.byteOffset, whole);
      if (whole === into.length) return;
      reference.decodeAdd(from.subarray(whole * bytesPerElement), into.subarray(whole));
    },
  };
}
