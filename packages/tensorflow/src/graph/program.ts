import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer, SessionRunArguments } from '../native/functions.js';
import { Status } from '../native/status.js';
import type { Operation, Output } from './graph.js';

/** What of a graph is run together: what is fed, what comes back, what must have run besides. */
export interface Run {
  readonly feeds: readonly Output[];
  readonly fetches: readonly Output[];
  readonly targets?: readonly Operation[];
}

/** Begins a run, or throws where the session does not take any. */
type Begin = (begin: () => Promise<Pointer[]>) => Promise<Pointer[]>;

/**
 * A run that took less than this the last time is waited for in place: to hand it to another thread, and to hear from
 * that, takes a tenth of a millisecond or more each time, which is much for a step of two. TensorFlow's own threads do
 * the work in both cases: this one does not round numbers to zero that are too small for a float, and would be slower
 * than both, and not give the same bits.
 */
const shortMs = 25;

/** A part of a graph that is run again and again, with everything encoded that stays the same. */
export class Program {
  readonly #c: NativeFunctions;
  readonly #session: Pointer;
  readonly #feeds: Uint8Array;
  readonly #fetches: Uint8Array;
  readonly #targets: BigUint64Array;
  readonly #counts: { readonly feeds: number; readonly fetches: number };
  /** What the last run took; nobody knows of the first one, which also prepares the graph. */
  #lastMs = Number.POSITIVE_INFINITY;

  constructor(
    c: NativeFunctions,
    session: Pointer,
    { feeds, fetches, targets = [] }: Run,
    private readonly begin: Begin,
  ) {
    this.#c = c;
    this.#session = session;
    this.#feeds = encodeOutputs(feeds);
    this.#fetches = encodeOutputs(fetches);
    this.#counts = { feeds: feeds.length, fetches: fetches.length };
    this.#targets = BigUint64Array.from(targets, ({ pointer }) => pointer);
  }

  /**
   * Runs on another thread, so that the event loop goes on; unless it is over sooner than that is worth.
   *
   * @param tensors one `TF_Tensor` for each feed; they must stay, unchanged, until the promise settles
   * @returns one `TF_Tensor` for each fetch, to be deleted by the caller
   * @throws TensorFlowError, or INTERNAL where the session was deleted
   */
  async run(tensors: readonly Pointer[]): Promise<Pointer[]> {
    const { feeds } = this.#counts;
    if (tensors.length !== feeds) {
      throw new LockstepError('INTERNAL', `${tensors.length} tensors for ${feeds} feeds`);
    }
    return this.begin(() => this.#run(tensors));
  }

  async #run(tensors: readonly Pointer[]): Promise<Pointer[]> {
    const inputs = BigUint64Array.from(tensors);
    const outputs = new BigUint64Array(this.#counts.fetches);
    const status = new Status(this.#c);
    const begun = performance.now();
    const call: SessionRunArguments = [
      this.#session,
      0n,
      this.#feeds,
      inputs,
      inputs.length,
      this.#fetches,
      outputs,
      outputs.length,
      this.#targets,
      this.#targets.length,
      0n,
      status.pointer,
    ];
    try {
      if (this.#lastMs < shortMs) this.#c.TF_SessionRun(...call);
      else await this.#runBeside(call);
      this.#lastMs = performance.now() - begun;
      status.check();
      return Array.from(outputs);
    } finally {
      status.delete();
    }
  }

  #runBeside(call: SessionRunArguments): Promise<void> {
    // TensorFlow reads and writes these from its thread, and koffi holds none of them. That their memory
    // does not move is Node's doing: it takes it off the heap as soon as its address is asked for.
    const held: unknown[] = [...call];
    return new Promise((resolve, reject) => {
      this.#c.TF_SessionRun.async(...call, (failure) => {
        held.length = 0;
        if (failure === null) resolve();
        else reject(failure);
      });
    });
  }
}

/** `TF_Output[]`: pointer, int32 index, and four bytes that align the next one. */
function encodeOutputs(outputs: readonly Output[]): Uint8Array {
  const encoded = new DataView(new ArrayBuffer(outputs.length * 16));
  for (const [i, { oper, index }] of outputs.entries()) {
    encoded.setBigUint64(i * 16, oper, true);
    encoded.setInt32(i * 16 + 8, index, true);
  }
  return new Uint8Array(encoded.buffer);
}
