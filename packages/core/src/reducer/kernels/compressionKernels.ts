import { compressionKernelsBinary } from './compressionKernelsBinary.js';
import { instantiate, type WebAssemblyMemory } from './webAssembly.js';

/** Byte offset in the memory. */
type Address = number;

type Encode = (values: Address, into: Address, residual: Address, length: number) => void;
type Decode = (from: Address, into: Address, length: number) => void;

/** What compressionKernels.wat exports; lengths are in elements, multiples of 4. */
export interface CompressionKernels {
  readonly encodeBfloat16: Encode;
  readonly decodeBfloat16: Decode;
  readonly decodeAddBfloat16: Decode;
  readonly encodeFloat16: Encode;
  readonly decodeFloat16: Decode;
  readonly decodeAddFloat16: Decode;
}

/** The kernels over one memory. */
export async function instantiateCompressionKernels(
  memory: WebAssemblyMemory,
): Promise<CompressionKernels> {
  return (await instantiate(compressionKernelsBinary, memory)) as CompressionKernels;
}
