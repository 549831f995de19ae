import type { Range } from '../data/index.js';
import type { KernelMemory } from './kernels/kernelMemory.js';

/** The ways in which ranks can add up among themselves. */
export const reducerNames = ['ring', 'shared-memory', 'hierarchical'] as const;

export type ReducerName = (typeof reducerNames)[number];

/** What crosses between ranks of a float32 array: itself, or half of its bits (see ./compression). */
export const compressions = ['none', 'float16', 'bfloat16'] as const;

export type Compression = (typeof compressions)[number];

/** What the ranks of one reducer have in common, and which of them this one is. */
export interface ReducerOptions {
  readonly rank: number;
  readonly worldSize: number;
  /** Elements of what is added up; may be 0, and less than there are ranks. */
  readonly length: number;
  readonly compression: Compression;
  /** How long an operation may take on this rank before it is given up, naming whom it waited for. */
  readonly deadlineMs: number;
  /** Given while it is made: it is not wanted any more, and other ranks are not waited for. */
  readonly signal?: AbortSignal;
}

/** Arrays that all ranks see: what ranks have that share memory. */
export interface SharedArrays {
  /** What every `allGather` gives. It keeps what it has through other operations. */
  readonly gathered: Float32Array;
  /** The inputs of all ranks as one array, for ranks that agree on what lies where in it by themselves; see `meet`. */
  readonly inputs: Float32Array;
  /**
   * What is added up is put here. After `meet`, and until it begins another operation, a rank may write its part; what it
   * wrote is there for all once they have met again.
   */
  readonly sum: Float32Array;
  /**
   * An operation that computes nothing: it ends when all ranks have begun it. What they wrote to `inputs` before is
   * there for all of them, each until it begins its next operation; when that has ended, it may be written again.
   */
  meet(): Promise<void>;
}

/**
 * Adds up flat float32 arrays over the ranks of a world, without the coordinator. All ranks call the same
 * methods in the same order, one at a time. The same ranks, algorithm and compression give the same bits on
 * every rank and in every run, whatever the timing.
 *
 * Every operation rejects with WORKER_LOST, naming the ranks that it waited for, when its deadline is over;
 * and with the reason given to `abort`. It is of no use afterwards but to be closed.
 */
export interface Reducer {
  readonly name: ReducerName;
  /** The part of the flat array that is this rank's in `reduceScatter` and `allGather`; see ./partition. */
  readonly own: Range;
  /**
   * Where this rank puts what it brings to the next operation: `length` elements of memory that the algorithm
   * can work with, so that nothing is copied. Maybe another array after each operation. It may be written until
   * the operation is begun, and then not any more until it has ended.
   */
  input(): Float32Array;
  /**
   * Sum over the ranks of `weight * input`.
   *
   * @param weight of this rank: its samples by those of the step. The input of a rank without weight is not
   *   looked at
   * @param ready the ranges of the input, in the order in which they come to be written, the same on all ranks;
   *   what is ready is sent while the rest is computed. By default all of it is ready at once
   * @returns `length` elements, to be read until the next operation is begun; not to be written
   */
  allReduce(weight: number, ready?: AsyncIterable<Range>): Promise<Float32Array>;
  /** The part `own` of what `allReduce` would give. */
  reduceScatter(weight: number): Promise<Float32Array>;
  /**
   * Every rank's part: each has put its own at `input()[own]`. Never compressed: weights are exact.
   *
   * @param isInPlace the own part is at `shared.gathered[own]` instead, where nothing is copied; it may be written
   *   there only after another operation has ended since the last `allGather`, for until then others may read the
   *   former one
   */
  allGather(isInPlace?: boolean): Promise<Float32Array>;
  /** Null where ranks share no memory. */
  readonly shared: SharedArrays | null;
  /**
   * What inputs, results and what is shared lie in, with room for four more arrays of their length, which a rank has for
   * itself: so an optimizer's kernel works on sums where they are. Null where they lie apart.
   */
  readonly memory: KernelMemory | null;
  /** The ranks that the operation under way waits for; empty between operations and while it computes. */
  readonly waitingFor: readonly number[];
  /** Lets go of the operation under way, and of every later one. */
  abort(reason: Error): void;
  /** Gives back memory and connections. Idempotent. */
  close(): Promise<void>;
}
