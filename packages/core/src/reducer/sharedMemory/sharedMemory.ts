import type { Range } from '../../data/index.js';
import { LockstepError } from '../../errors.js';
import type { KernelMemory } from '../kernels/kernelMemory.js';
import { weightedSum } from '../kernels/weightedSum.js';
import { missingRanks } from '../missingRanks.js';
import { partition } from '../partition.js';
import type { Reducer, ReducerOptions, SharedArrays } from '../reducer.js';
import type { Counter } from './flags.js';
import { type Libc, loadLibc } from './libc.js';
import { until } from './patience.js';
import { Segment } from './segment.js';
import { segmentFolders } from './segmentFile.js';

/** Where the ranks of a world meet. */
export interface SharedMemoryPlace {
  /** Of letters, digits, _ and -; the same on all ranks, and of this world only. */
  readonly segment: string;
  /** Where its file is made, the best first; by default memory, then the folder of temporary files. */
  readonly folders?: readonly string[];
}

/**
 * Adds up among the ranks of one host in memory that they share: each adds up its part of what all have put
 * there, and reads the parts of the others where they are. Nothing is sent and nothing copied; ranks tell each
 * other by counters (./flags.ts) how far they are.
 *
 * An operation has two barriers. *Ready*: all ranks have begun it, with their input and weight in place. Then each
 * adds up its part, into the one result. *Done*: all have. One input and one weight for each rank and one result
 * for all are enough, because
 * - when an operation ends on some rank, all ranks are done with it: nobody reads an input or a weight any more,
 *   so each may be written for the next operation at once, even by a rank far ahead;
 * - the result may still be read by ranks that are behind. It is written again only after *ready* of the next
 *   operation, which those ranks have begun then, so they have read it.
 * So, other than `Reducer` allows, `input()` is the same array for every operation.
 *
 * `allGather` reads no other's input, and writes only its own part of an array of its own. After another operation,
 * which all ranks have begun, and so have read what was gathered before, it need not wait for *ready*. `meet` is that
 * barrier alone: who is done with the next operation is done with what was read in between.
 *
 * Compression is left out: no network is crossed, and half of the bits would cost time and accuracy for nothing.
 * Every element is the sum in rank order, of float32 rounded at each step, wherever it is computed: neither the
 * ranges of buckets nor timing change a bit.
 *
 * The deadline of an operation counts from when this rank has all of its input ready. An operation that others
 * are ready for ends without a turn of the event loop.
 *
 * @throws LockstepError SHARED_MEMORY when there is no memory to share; WORKER_LOST naming the ranks that have
 *   not come within the deadline
 */
export async function createSharedMemory(
  options: ReducerOptions,
  { folders = segmentFolders, ...place }: SharedMemoryPlace,
): Promise<Reducer> {
  const libc = await loadLibc();
  const segment = await Segment.attach(options, { ...place, folders }, libc);
  return new SharedMemoryReducer(options, segment, libc);
}

class SharedMemoryReducer implements Reducer {
  readonly name = 'shared-memory';
  readonly own: Range;
  readonly shared: SharedArrays;
  /** Why there are no more operations. */
  private ended: Error | null = null;
  private busy = false;
  private waitsFor: { readonly counter: Counter; readonly count: number } | null = null;
  /** Lets go of the range that is waited for. */
  private letGo: (reason: Error) => void = () => undefined;
  /** Whether the operation before was `allGather`, so that others may still read what it gave. */
  private gatheredIsRead = false;

  constructor(
    private readonly options: ReducerOptions,
    private readonly segment: Segment,
    private readonly libc: Libc,
  ) {
    this.own = partition(options.length, options.worldSize)[options.rank]!;
    const { gathered, allInputs: inputs, result: sum } = segment;
    this.shared = { gathered, inputs, sum, meet: () => this.meet() };
  }

  get memory(): KernelMemory {
    return this.segment.memory;
  }

  input(): Float32Array {
    return this.segment.inputs[this.options.rank]!;
  }

  allReduce(weight: number, ready?: AsyncIterable<Range>): Promise<Float32Array> {
    return this.operate(async () => {
      await this.addUp('all-reduce', weight, ready);
      return this.segment.result;
    });
  }

  reduceScatter(weight: number): Promise<Float32Array> {
    return this.operate(async () => {
      await this.addUp('reduce-scatter', weight);
      return this.segment.result.subarray(this.own.begin, this.own.end);
    });
  }

  allGather(isInPlace = false): Promise<Float32Array> {
    return this.operate(async () => {
      const { flags, gathered } = this.segment;
      const { begin, end } = this.own;
      const wait = this.waits('all-gather');
      flags.advance('ready');
      if (this.gatheredIsRead) await wait('ready', flags.countOf('ready'));
      if (!isInPlace) gathered.set(this.input().subarray(begin, end), begin);
      flags.advance('done');
      await wait('done', flags.countOf('done'));
      this.gatheredIsRead = true;
      return gathered;
    });
  }

  private meet(): Promise<void> {
    return this.operate(async () => {
      const { flags } = this.segment;
      const wait = this.waits('exchange');
      flags.advance('ready');
      await wait('ready', flags.countOf('ready'));
      this.gatheredIsRead = false;
    });
  }

  get waitingFor(): readonly number[] {
    if (this.waitsFor === null) return [];
    return this.segment.flags.behind(this.waitsFor.counter, this.waitsFor.count);
  }

  abort(reason: Error): void {
    this.ended ??= reason;
    this.waitsFor = null;
    this.letGo(this.ended);
  }

  async close(): Promise<void> {
    this.abort(new LockstepError('INTERNAL', 'the shared memory is closed'));
    this.segment.close();
  }

  private async operate<Result>(body: () => Promise<Result>): Promise<Result> {
    if (this.ended !== null) throw this.ended;
    if (this.busy) throw new LockstepError('INTERNAL', 'two operations at once on one reducer');
    this.busy = true;
    try {
      return await body();
    } catch (thrown) {
      this.abort(thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw this.ended;
    } finally {
      this.busy = false;
    }
  }

  /** Adds up this rank's part of each range as soon as all ranks have it, between the coming of its own. */
  private async addUp(
    operation: string,
    weight: number,
    ready?: AsyncIterable<Range>,
  ): Promise<void> {
    const { length, rank } = this.options;
    const { flags } = this.segment;
    const before = flags.countOf('ready');
    const announced: Range[] = [];
    let added = 0;
    const announce = (range: Range): void => {
      announced.push(range);
      flags.advance('ready');
    };
    const next = (): number => (before + added + 1) | 0;
    const addReady = (): void => {
      for (; added < announced.length && flags.reached('ready', next()); added += 1) {
        this.addPart(announced[added]!);
      }
    };

    flags.setWeight(weight);
    if (ready === undefined) announce({ begin: 0, end: length });
    else {
      for await (const range of this.unlessEnded(ready)) {
        announce(range);
        addReady();
      }
      expectAll(announced, length, rank);
    }
    const wait = this.waits(operation);
    while (added < announced.length) {
      await wait('ready', next());
      addReady();
    }
    flags.advance('done');
    await wait('done', flags.countOf('done'));
    this.gatheredIsRead = false;
  }

  private addPart({ begin, end }: Range): void {
    const { flags, memory, inputs, result } = this.segment;
    const { rank, worldSize } = this.options;
    const part = partition(end - begin, worldSize)[rank]!;
    const weights = inputs.map((_, each) => flags.weightOf(each));
    weightedSum(memory, result, inputs, weights, {
      begin: begin + part.begin,
      end: begin + part.end,
    });
  }

  /** Waits with a deadline that begins now. */
  private waits(operation: string): (counter: Counter, count: number) => Promise<void> {
    const { deadlineMs } = this.options;
    const { flags } = this.segment;
    const deadline = performance.now() + deadlineMs;
    return async (counter, count) => {
      const reached = (): boolean => {
        if (this.ended !== null) throw this.ended;
        return flags.reached(counter, count);
      };
      this.waitsFor = { counter, count };
      try {
        if (await until(reached, deadline, this.libc)) return;
        throw missingRanks(operation, flags.behind(counter, count), deadlineMs);
      } finally {
        this.waitsFor = null;
      }
    };
  }

  /** What comes, until this reducer is ended: the rest may never come. */
  private async *unlessEnded(ready: AsyncIterable<Range>): AsyncGenerator<Range> {
    const iterator = ready[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await new Promise<IteratorResult<Range>>((resolve, reject) => {
          this.letGo = reject;
          iterator.next().then(resolve, reject);
        });
        if (this.ended !== null) throw this.ended;
        if (done) return;
        yield value;
      }
    } finally {
      // Not waited for: it may be stuck in what was let go of. Nobody asks how it ends.
      iterator.return?.().catch(() => undefined);
    }
  }
}

function expectAll(ranges: readonly Range[], length: number, rank: number): void {
  const sum = ranges.reduce((elements, { begin, end }) => elements + end - begin, 0);
  if (sum !== length) {
    throw new LockstepError(
      'INTERNAL',
      `rank ${rank} had ${sum} elements ready of the ${length} that are to be added up`,
    );
  }
}
