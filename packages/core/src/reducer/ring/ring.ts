import type { Range } from '../../data/index.js';
import { LockstepError } from '../../errors.js';
import { partition } from '../partition.js';
import type { Reducer, ReducerOptions } from '../reducer.js';
import { type PartOfWorld, type RingClock, RingCore, type RingOperation } from './core.js';
import { KernelArithmetic } from './kernelArithmetic.js';
import { Neighbours, type RingPlace } from './neighbours.js';

/**
 * Elements that are sent at once. Less means more frames, more means that the next rank waits longer for the first of
 * them: see docs/benchmarks.md.
 */
export const ringChunkLength = 131_072;

const realClock: RingClock = {
  every(milliseconds, tick) {
    const timer = setInterval(tick, milliseconds);
    return () => clearInterval(timer);
  },
};

/**
 * Adds up around a ring: each rank only ever sends to the one after it and receives from the one before, 2 (n - 1) / n
 * of the array both ways, however many there are. See ./core.ts for how, and for why it is safe to send without
 * copying.
 *
 * @param part if it is a ring among some ranks of a larger world
 * @returns when the neighbours have shaken hands
 * @throws LockstepError WORKER_LOST naming the neighbours that have not come within the deadline; the signal's reason
 */
export async function createRing(
  options: ReducerOptions,
  place: RingPlace,
  part?: PartOfWorld,
): Promise<Ring<Uint8Array>> {
  const { rank, worldSize, length, deadlineMs, compression, signal } = options;
  if (place.addresses.length !== worldSize) {
    throw new LockstepError(
      'INTERNAL',
      `a ring of ${worldSize} ranks was given ${place.addresses.length} addresses`,
    );
  }
  const chunkLength = ringChunkLength;
  const arithmetic = await KernelArithmetic.create({ length, chunkLength, compression });
  const neighbours = new Neighbours();
  const core = new RingCore(
    { rank, worldSize, length, deadlineMs, chunkLength, ...(part && { part }) },
    neighbours,
    realClock,
    arithmetic,
  );
  const limits = { deadlineMs, ...(signal && { signal }) };
  if (worldSize > 1) await neighbours.meet(place, rank, core, limits, part?.ranks);
  const bounds = part?.bounds;
  const own = bounds && { begin: bounds[rank]!, end: bounds[rank + 1]! };
  return new Ring(options, core, arithmetic.arrays, () => neighbours.close(), own);
}

/** A ring as callers see it, over whatever network and arithmetic its core has. */
export class Ring<Payload> implements Reducer {
  readonly name = 'ring';
  readonly own: Range;
  readonly shared = null;
  readonly memory = null;
  /** Of the next operation, or of the one under way. */
  private operation = 0;

  constructor(
    private readonly options: ReducerOptions,
    private readonly core: RingCore<Payload>,
    /** By parity of the operation: its input, and its result. */
    private readonly arrays: readonly [Float32Array, Float32Array],
    private readonly disconnect: () => Promise<void>,
    own: Range = partition(options.length, options.worldSize)[options.rank]!,
  ) {
    this.own = own;
  }

  input(): Float32Array {
    return this.arrays[this.operation & 1]!;
  }

  allReduce(weight: number, ready?: AsyncIterable<Range>): Promise<Float32Array> {
    return this.operate('all-reduce', weight, ready);
  }

  async reduceScatter(weight: number): Promise<Float32Array> {
    const array = await this.operate('reduce-scatter', weight);
    return array.subarray(this.own.begin, this.own.end);
  }

  allGather(): Promise<Float32Array> {
    return this.operate('all-gather', 1);
  }

  get waitingFor(): readonly number[] {
    return this.core.waitingFor;
  }

  abort(reason: Error): void {
    this.core.fail(reason);
  }

  async close(): Promise<void> {
    this.core.fail(new LockstepError('INTERNAL', 'the ring is closed'));
    await this.disconnect();
  }

  /**
   * Any operation, begun before its input is ready.
   *
   * @returns the array of the operation, with the result
   */
  async operate(
    kind: RingOperation,
    weight: number,
    ready?: AsyncIterable<Range>,
  ): Promise<Float32Array> {
    const { core } = this;
    if (core.failed !== null) throw core.failed;
    if (core.isBusy) throw new LockstepError('INTERNAL', 'two operations at once on one reducer');
    const array = this.input();
    await new Promise<void>((resolve, reject) => {
      core.begin(kind, weight, (error) => (error === null ? resolve() : reject(error)));
      if (ready === undefined) {
        core.add({ begin: 0, end: array.length });
        core.finish();
      } else void this.feed(ready);
    });
    this.operation += 1;
    return array;
  }

  /** Hands over the ranges as they come to be ready. */
  private async feed(ready: AsyncIterable<Range>): Promise<void> {
    const { core } = this;
    const ranges: Range[] = [];
    try {
      for await (const range of ready) {
        if (core.failed !== null) return;
        ranges.push(range);
        core.add(range);
      }
      expectAll(ranges, this.options);
      core.finish();
    } catch (thrown) {
      core.fail(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }
}

/** Each element once. */
function expectAll(ranges: readonly Range[], { length, rank }: ReducerOptions): void {
  let end = 0;
  for (const range of [...ranges].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (range.begin !== end) end = Number.NaN;
    end = Math.max(end, range.end);
  }
  if (end === length) return;
  throw new LockstepError(
    'INTERNAL',
    `rank ${rank} had other ranges ready than the ${length} elements that are to be added up, each once`,
  );
}
