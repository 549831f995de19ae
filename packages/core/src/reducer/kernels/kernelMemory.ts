import { LockstepError } from '../../errors.js';
import { instantiateKernels, type Kernels } from './kernels.js';
import {
  instantiate,
  maximumPages,
  type WebAssemblyMemory,
  webAssembly,
  webAssemblyPage,
} from './webAssembly.js';

/** A cache line: what two ranks write lies in different ones. */
const cacheLine = 64;

/**
 * A WebAssembly memory with kernels over it: typed arrays that vector instructions work on, at several times
 * the speed of a loop in JavaScript, and without a copy. It never grows, so it never moves: views and addresses
 * stay what they are. Pages cost nothing until they are touched, and are given back with the object.
 *
 * The kernels take float32 views of this memory, all of one length, which may be 0. The result may be one of
 * the sources; it may not overlap one otherwise. Each product and each sum is rounded to float32
 * (`Math.fround`), weights first: the same bits on every machine.
 *
 * @throws LockstepError INTERNAL from every kernel for a view of other memory, of another length, or that
 *   overlaps the result
 */
export class KernelMemory {
  /** All of it, for whoever needs views of other types. */
  readonly buffer: ArrayBuffer;
  private readonly kernels: Kernels;
  private used = 0;

  private constructor(
    readonly memory: WebAssemblyMemory,
    kernels: Kernels,
  ) {
    this.buffer = memory.buffer;
    this.kernels = kernels;
  }

  /**
   * @param bytes rounded up to whole pages of 64 KB; at most 4 GB
   * @throws LockstepError USAGE when that is too much for WebAssembly, or for this machine
   */
  static async create(bytes: number): Promise<KernelMemory> {
    const pages = Math.max(1, Math.ceil(bytes / webAssemblyPage));
    const memory = reserve(pages);
    return new KernelMemory(memory, await instantiateKernels(memory));
  }

  /** @returns `length` elements that nobody else has, zero, at a whole cache line */
  allocate(length: number): Float32Array {
    return new Float32Array(
      this.buffer,
      this.take(length * Float32Array.BYTES_PER_ELEMENT),
      length,
    );
  }

  /** Bytes that nobody has yet, where all begins at whole cache lines. */
  get free(): number {
    return this.buffer.byteLength - Math.ceil(this.used / cacheLine) * cacheLine;
  }

  /**
   * @param alignment a power of two
   * @returns where `bytes` begin that nobody else has
   */
  take(bytes: number, alignment = cacheLine): number {
    const begin = Math.ceil(this.used / alignment) * alignment;
    if (begin + bytes > this.buffer.byteLength) {
      throw new LockstepError(
        'INTERNAL',
        `${bytes} bytes do not fit in a kernel memory of ${this.buffer.byteLength} with ${this.used} in use`,
      );
    }
    this.used = begin + bytes;
    return begin;
  }

  /** into = weight * from */
  scale(into: Float32Array, from: Float32Array, weight: number): void {
    this.check(into, from);
    this.kernels.scale(into.byteOffset, from.byteOffset, into.length, weight);
  }

  /** into = into + weight * from */
  addScaled(into: Float32Array, from: Float32Array, weight: number): void {
    this.check(into, from);
    this.kernels.addScaled(into.byteOffset, from.byteOffset, into.length, weight);
  }

  /** into = into + from */
  add(into: Float32Array, from: Float32Array): void {
    this.check(into, from);
    this.kernels.add(into.byteOffset, from.byteOffset, into.length);
  }

  /** into = weightA * a + weightB * b: the bits of `scale` and then `addScaled`, in one pass. */
  scaleBoth(
    into: Float32Array,
    a: Float32Array,
    weightA: number,
    b: Float32Array,
    weightB: number,
  ): void {
    this.check(into, a);
    this.check(into, b);
    this.kernels.scaleBoth(
      into.byteOffset,
      a.byteOffset,
      b.byteOffset,
      into.length,
      weightA,
      weightB,
    );
  }

  /**
   * The exports of another module of kernels, over this memory; they get byte offsets.
   *
   * @param binary always the same array for the same module
   */
  instantiate(binary: Uint8Array<ArrayBuffer>): Promise<unknown> {
    return instantiate(binary, this.memory);
  }

  /** INTERNAL where an array lies elsewhere: a kernel would take its offset for one in this memory. */
  expectWithin(...arrays: readonly Float32Array[]): void {
    if (arrays.every(({ buffer }) => buffer === this.buffer)) return;
    throw new LockstepError('INTERNAL', 'a kernel was given an array outside of its memory');
  }

  private check(into: Float32Array, from: Float32Array): void {
    this.expectWithin(into, from);
    if (into.length !== from.length) {
      throw new LockstepError(
        'INTERNAL',
        `a kernel was given ${from.length} elements for a result of ${into.length}`,
      );
    }
    const apart = Math.abs(into.byteOffset - from.byteOffset);
    if (apart !== 0 && apart < into.byteLength) {
      throw new LockstepError(
        'INTERNAL',
        `a kernel was given arrays that overlap: ${into.byteLength} bytes, ${apart} apart`,
      );
    }
  }
}

function reserve(pages: number): WebAssemblyMemory {
  const gigabytes = (pages * webAssemblyPage) / 2 ** 30;
  const hint = 'Average through the coordinator: --all-reduce star.';
  if (pages > maximumPages) {
    throw new LockstepError(
      'USAGE',
      `ranks need ${gigabytes.toFixed(1)} GB of WebAssembly memory to add up gradients of this size, and 4 GB is all that it can have`,
      { hint },
    );
  }
  try {
    return new webAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new LockstepError(
      'USAGE',
      `this machine does not give ${gigabytes.toFixed(3)} GB of WebAssembly memory to add up gradients in`,
      { cause, hint },
    );
  }
}
