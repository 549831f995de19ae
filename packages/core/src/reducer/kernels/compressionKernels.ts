import { compressionKernelsBinary } from './compressionKernelsBinary.js';
import { type WebAssemblyMemory, webAssembly } from './webAssembly.js';

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

let compiled: ReturnType<typeof webAssembly.compile> | undefined;

/** The kernels over one memory. They are compiled once a process. */
export async function instantiateCompressionKernels(
  memory: WebAssemblyMemory,
): Promise<CompressionKernels> {
  compiled ??= webAssembly.compile(compressionKernelsBinary);
  const { exports } = await webAssembly.instantiate(await compiled, { env: { memory } });
  return exports as CompressionKernels;
}
