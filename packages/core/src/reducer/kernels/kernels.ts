import { kernelsBinary } from './kernelsBinary.js';
import { type WebAssemblyMemory, webAssembly } from './webAssembly.js';

/** Byte offset in the memory. */
type Address = number;

/** What kernels.wat exports; see there for what each computes. */
export interface Kernels {
  scale(into: Address, from: Address, length: number, weight: number): void;
  addScaled(into: Address, from: Address, length: number, weight: number): void;
  add(into: Address, from: Address, length: number): void;
  scaleBoth(
    into: Address,
    a: Address,
    b: Address,
    length: number,
    weightA: number,
    weightB: number,
  ): void;
}

let compiled: ReturnType<typeof webAssembly.compile> | undefined;

/** The kernels over one memory. They are compiled once a process. */
export async function instantiateKernels(memory: WebAssemblyMemory): Promise<Kernels> {
  compiled ??= webAssembly.compile(kernelsBinary);
  const { exports } = await webAssembly.instantiate(await compiled, { env: { memory } });
  return exports as Kernels;
}
