import type { Codec } from '../compression/index.js';
import { makeCodec } from '../compression/index.js';
import { KernelMemory } from '../kernels/kernelMemory.js';
import type { Compression } from '../reducer.js';
import type { Place, RingArithmetic } from './arithmetic.js';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

interface Sizes {
  /** Elements of the flat array. */
  readonly length: number;
  readonly chunkLength: number;
  readonly compression: Compression;
}

/**
 * The numbers of one rank, in a memory of its own that kernels work on:
 * - two arrays, for operations with even and odd numbers. An operation's input, its partial sums and its result are
 *   one array: a chunk is sent from there, and received to there;
 * - a chunk's room for what is to be added. It is used again and again, so it stays in the cache;
 * - two arrays for what comes early;
 * - with compression: what crosses, twice, and what rounding has left out. A result that is sent on is sent as it came.
 *
 * Pages of it are taken from the system when they are first written to: what is never early costs nothing.
 */
export class KernelArithmetic implements RingArithmetic<Uint8Array> {
  /** By parity of the operation. */
  readonly arrays: readonly [Float32Array, Float32Array];
  private readonly early: readonly [Uint8Array, Uint8Array];
  private readonly encoded: readonly [Uint8Array, Uint8Array];
  private readonly residual: Float32Array;
  private readonly arriving: Uint8Array;

  private constructor(
    private readonly memory: KernelMemory,
    private readonly codec: Codec,
    { length, chunkLength }: Sizes,
  ) {
    const bytes = (count: number): Uint8Array =>
      new Uint8Array(memory.buffer, memory.take(count), count);
    const encodedBytes = encodedBytesOf(codec.compression, length);
    this.arrays = [memory.allocate(length), memory.allocate(length)];
    this.arriving = bytes(Math.min(chunkLength, length) * floatBytes);
    this.early = [bytes(length * floatBytes), bytes(length * floatBytes)];
    this.encoded = [bytes(encodedBytes), bytes(encodedBytes)];
    this.residual = memory.allocate(codec.compression === 'none' ? 0 : length);
  }

  static async create(sizes: Sizes): Promise<KernelArithmetic> {
    const { length, chunkLength, compression } = sizes;
    const floats = 4 * length + chunkLength + (compression === 'none' ? 0 : length);
    const parts = 8;
    const cacheLine = 64;
    const memory = await KernelMemory.create(
      floats * floatBytes + 2 * encodedBytesOf(compression, length) + parts * cacheLine,
    );
    return new KernelArithmetic(memory, await makeCodec(compression, memory), sizes);
  }

  bytesPerElement(exact: boolean): number {
    return exact ? floatBytes : this.codec.bytesPerElement;
  }

  landing(place: Place, half: 'reduce' | 'gather' | 'early', bytes: number): Uint8Array {
    if (half === 'reduce') return this.arriving.subarray(0, bytes);
    if (half === 'gather') return this.crossing(place);
    const at = place.begin * floatBytes;
    return this.early[place.operation & 1]!.subarray(at, at + bytes);
  }

  contribute(place: Place, weight: number): Uint8Array {
    this.weigh(this.numbers(place), weight);
    return this.encode(place);
  }

  add(place: Place, weight: number, came: Uint8Array): Uint8Array {
    this.addTo(this.numbers(place), weight, came);
    return this.encode(place);
  }

  complete(place: Place, weight: number, came: Uint8Array): Uint8Array {
    this.addTo(this.numbers(place), weight, came);
    const crossing = this.encode(place);
    // The others get no more than what crosses, and all ranks are to have the same bits.
    if (this.isEncoded(place)) this.codec.decode(crossing, this.numbers(place));
    return crossing;
  }

  share(place: Place): Uint8Array {
    return this.crossing(place);
  }

  take(place: Place, came: Uint8Array): Uint8Array {
    const crossing = this.crossing(place);
    // It is there already, unless it came early.
    if (came.byteOffset !== crossing.byteOffset) crossing.set(came);
    if (this.isEncoded(place)) this.codec.decode(crossing, this.numbers(place));
    return crossing;
  }

  private isEncoded({ exact }: Place): boolean {
    return !exact && this.codec.compression !== 'none';
  }

  private numbers({ operation, begin, end }: Place): Float32Array {
    return this.arrays[operation & 1]!.subarray(begin, end);
  }

  /** The bytes of a chunk that cross between ranks: those of the array, or what they are encoded as. */
  private crossing(place: Place): Uint8Array {
    const { operation, begin, end } = place;
    if (this.isEncoded(place)) {
      const { bytesPerElement } = this.codec;
      return this.encoded[operation & 1]!.subarray(begin * bytesPerElement, end * bytesPerElement);
    }
    const { buffer, byteOffset, byteLength } = this.numbers(place);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  private encode(place: Place): Uint8Array {
    const crossing = this.crossing(place);
    if (this.isEncoded(place)) {
      const residual = this.residual.subarray(place.begin, place.end);
      this.codec.encode(this.numbers(place), crossing, residual);
    }
    return crossing;
  }

  private weigh(numbers: Float32Array, weight: number): void {
    if (weight === 0) numbers.fill(0);
    else if (weight !== 1) this.memory.scale(numbers, numbers, weight);
  }

  private addTo(numbers: Float32Array, weight: number, came: Uint8Array): void {
    if (weight === 0) this.codec.decode(came, numbers);
    else if (this.codec.compression === 'none') {
      const floats = new Float32Array(came.buffer, came.byteOffset, numbers.length);
      this.memory.scaleBoth(numbers, numbers, weight, floats, 1);
    } else {
      this.weigh(numbers, weight);
      this.codec.decodeAdd(came, numbers);
    }
  }
}

const encodedBytesOf = (compression: Compression, length: number): number =>
  compression === 'none' ? 0 : length * Uint16Array.BYTES_PER_ELEMENT;
