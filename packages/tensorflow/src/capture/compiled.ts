import type { Program } from '../graph/program.js';
import { dataType } from '../native/dataTypes.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { readTensor, tensorFrom, tensorOver } from '../native/tensor.js';
import type { ConcreteInput, FeedArray } from './signature.js';

export type Feeds = Readonly<Record<string, FeedArray>>;
export type Results = Record<string, FeedArray>;

/** Waits until the program may run. */
type InTurn = (work: () => Promise<Pointer[]>) => Promise<Pointer[]>;

/** Part of a graph, ready to run on typed arrays. */
export class Compiled {
  /** @param names of what is fetched, in order */
  constructor(
    private readonly c: NativeFunctions,
    private readonly program: Program,
    readonly names: readonly string[],
  ) {}

  /**
   * @param inputs what the program takes, in order; `feeds` are read before the promise is returned, but for
   *   those that are lent
   * @param into arrays to fill with what is fetched, by name; new ones are made of the rest
   */
  async run(
    inTurn: InTurn,
    inputs: readonly ConcreteInput[],
    feeds: Feeds,
    into: Results,
  ): Promise<Results> {
    const tensors: Pointer[] = [];
    try {
      for (const { name, type, shape, isLent } of inputs) {
        const make = isLent ? tensorOver : tensorFrom;
        tensors.push(make(this.c, type, shape, feeds[name]!));
      }
      const fetched = await inTurn(() => this.program.run(tensors));
      tensors.push(...fetched);
      // A name may be one that every object knows, such as 'constructor'.
      const given = new Map(Object.entries(into));
      const results = this.names.map((name, i) => [
        name,
        this.#valuesOf(fetched[i]!, given.get(name)),
      ]);
      return Object.fromEntries(results) as Results;
    } finally {
      for (const tensor of tensors) this.c.TF_DeleteTensor(tensor);
    }
  }

  #valuesOf(tensor: Pointer, into: FeedArray | undefined): FeedArray {
    const values = into ?? this.#arrayFor(tensor);
    readTensor(this.c, tensor, values);
    return values;
  }

  #arrayFor(tensor: Pointer): FeedArray {
    const buffer = new ArrayBuffer(this.c.TF_TensorByteSize(tensor));
    const type = this.c.TF_TensorType(tensor);
    if (type === dataType.float32) return new Float32Array(buffer);
    return type === dataType.int32 ? new Int32Array(buffer) : new Uint8Array(buffer);
  }
}
