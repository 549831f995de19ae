import { kernelsBinary } from './kernelsBinary.js';
import { instantiate, type WebAssemblyMemory } from './webAssembly.js';

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

/** The kernels over one memory. */
export async function instantiateKernels(memory: WebAssemblyMemory): Promise<Kernels> {
  return (await instantiate(kernelsBinary, memory)) as Kernels;
}
