import { instantiateCompressionKernels } from '../kernels/compressionKernels.js';
import type { KernelMemory } from '../kernels/kernelMemory.js';
import type { Compression } from '../reducer.js';
import { bfloat16 } from './bfloat16.js';
import type { Codec } from './codec.js';
import { float16 } from './float16.js';
import { kernelCodec } from './kernelCodec.js';
import { noCompression } from './none.js';
import { referenceCodec } from './referenceCodec.js';

/** The codec for arrays in `memory`; takes nothing of it. */
export async function makeCodec(compression: Compression, memory: KernelMemory): Promise<Codec> {
  if (compression === 'none') return noCompression(memory);
  const kernels = await instantiateCompressionKernels(memory.memory);
  switch (compression) {
    case 'float16':
      return kernelCodec(
        memory,
        {
          encode: kernels.encodeFloat16,
          decode: kernels.decodeFloat16,
          decodeAdd: kernels.decodeAddFloat16,
        },
        referenceCodec('float16', float16),
      );
    case 'bfloat16':
      return kernelCodec(
        memory,
        {
          encode: kernels.encodeBfloat16,
          decode: kernels.decodeBfloat16,
          decodeAdd: kernels.decodeAddBfloat16,
        },
        referenceCodec('bfloat16', bfloat16),
      );
    default:
      return compression satisfies never;
  }
}
