import { rm } from 'node:fs/promises';
import { KernelMemory } from '../kernels/kernelMemory.js';
import { maximumPages, webAssemblyPage } from '../kernels/webAssembly.js';
import { missingRanks } from '../missingRanks.js';
import type { ReducerOptions } from '../reducer.js';
import { Flags } from './flags.js';
import { type Layout, layoutOf } from './layout.js';
import type { Libc } from './libc.js';
import { findSegmentFile, makeSegmentFile } from './segmentFile.js';

/** "LSSM", and the version of the layout. */
const [magic, version] = [0x4c53_534d, 2];

/** Between two looks for a rank that is still starting. */
const pollMs = 5;
/** The ranks are told to meet at the same time, however long an operation may take them later. */
const meetMs = 30_000;

/**
 * Arrays as long as the inputs that a rank may keep beside the segment, for itself: weights, what an optimizer
 * remembers, and a gradient. They cost nothing until they are touched.
 */
const roomFor = 4;

export interface SegmentPlace {
  /** Of letters, digits, _ and -; no other world of this machine has had it in the last minute. */
  readonly segment: string;
  /** Where its file is made, the best first. */
  readonly folders: readonly string[];
}

/**
 * Memory that the ranks of a host share, mapped over a part of a WebAssembly memory of each.
 *
 * The mapping is put with MAP_FIXED into the address space that V8 has reserved for the memory, so typed arrays
 * and kernels work on it as on any other part. When the memory is collected, V8 gives back the whole reservation
 * with munmap, and this mapping with it: nothing has to be taken out first. Collection may be late, so `close`
 * puts fresh zeros over the mapping; then the system has the shared pages back as soon as all ranks have closed,
 * and views that somebody kept read zeros instead of failing.
 */
export class Segment {
  /** By rank. */
  readonly inputs: readonly Float32Array[];
  /** The same as one array, with what lies between them. */
  readonly allInputs: Float32Array;
  readonly result: Float32Array;
  readonly gathered: Float32Array;
  private open = true;

  private constructor(
    private readonly libc: Libc,
    readonly memory: KernelMemory,
    private readonly begin: number,
    private readonly layout: Layout,
    readonly flags: Flags,
    worldSize: number,
    length: number,
  ) {
    const view = (at: number) => new Float32Array(memory.buffer, begin + at, length);
    this.inputs = Array.from({ length: worldSize }, (_, rank) => view(layout.input(rank)));
    this.allInputs = new Float32Array(
      memory.buffer,
      begin + layout.input(0),
      (layout.input(worldSize) - layout.input(0)) / Float32Array.BYTES_PER_ELEMENT,
    );
    this.result = view(layout.result);
    this.gathered = view(layout.gathered);
  }

  /**
   * Rank 0 makes the file, the others wait for it. It has a name only until all have mapped it.
   *
   * @throws LockstepError SHARED_MEMORY; WORKER_LOST naming the ranks that did not come within the deadline, or
   *   within 30 s if that is less; the reason of the signal
   */
  static async attach(
    { rank, worldSize, length, deadlineMs, signal }: Omit<ReducerOptions, 'compression'>,
    { segment: name, folders }: SegmentPlace,
    libc: Libc,
  ): Promise<Segment> {
    const layout = layoutOf(worldSize, length);
    const header = Int32Array.of(magic, version, worldSize, length);
    const limitMs = Math.min(deadlineMs, meetMs);
    const deadline = performance.now() + limitMs;
    const expectTime = (missing: () => number[]): void => {
      signal?.throwIfAborted();
      if (performance.now() > deadline) throw missingRanks('shared memory', missing(), limitMs);
    };

    const memory = await KernelMemory.create(
      Math.min(layout.bytes + roomFor * layout.array, maximumPages * webAssemblyPage),
    );
    const begin = memory.take(layout.bytes, webAssemblyPage);
    const file =
      rank === 0
        ? await makeSegmentFile(name, header, layout.bytes, folders)
        : await poll(
            () => findSegmentFile(name, header, layout.bytes, folders),
            () => expectTime(() => [0]),
          );
    let segment: Segment | null = null;
    try {
      libc.mapFile(memory.buffer, begin, layout.bytes, file.handle.fd);
      const flags = new Flags(memory.buffer, begin, layout, rank, worldSize);
      segment = new Segment(libc, memory, begin, layout, flags, worldSize, length);
      flags.attach();
      await poll(
        async () => flags.unattached().length === 0 || null,
        () => expectTime(() => flags.unattached()),
      );
      return segment;
    } catch (thrown) {
      segment?.close();
      throw thrown;
    } finally {
      await file.handle.close();
      // Every rank, for any may be killed before it comes to this. Nor is it of use to who comes too late.
      await rm(file.path, { force: true });
    }
  }

  /** Gives the memory back. Idempotent. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.libc.mapZeros(this.memory.buffer, this.begin, this.layout.bytes);
  }
}

async function poll<T>(look: () => Promise<T | null>, expectTime: () => void): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    expectTime();
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
