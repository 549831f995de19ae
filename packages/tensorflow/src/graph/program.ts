import { LockstepError } from '@lockstep/core';
import type { NativeFunctions, Pointer } from '../native/functions.js';
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

/** A part of a graph that is run again and again, with everything encoded that stays the same. */
export class Program {
  readonly #c: NativeFunctions;
  readonly #session: Pointer;
  readonly #feeds: Uint8Array;
  readonly #fetches: Uint8Array;
  readonly #targets: BigUint64Array;
  readonly #counts: { readonly feeds: number; readonly fetches: number };

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
   * Runs on another thread: the event loop goes on.
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

  #run(tensors: readonly Pointer[]): Promise<Pointer[]> {
    const inputs = BigUint64Array.from(tensors);
    const outputs = new BigUint64Array(this.#counts.fetches);
    const status = new Status(this.#c);
    // TensorFlow reads and writes these from its thread, and koffi holds none of them. That their memory
    // does not move is Node's doing: it takes it off the heap as soon as its address is asked for.
    const held: object[] = [inputs, outputs, this.#feeds, this.#fetches, this.#targets];
    return new Promise((resolve, reject) => {
      const settle = (failure: Error | null): void => {
        held.length = 0;
        try {
          if (failure !== null) throw failure;
          status.check();
          resolve(Array.from(outputs));
        } catch (thrown) {
          reject(thrown);
        } finally {
          status.delete();
        }
      };
      this.#c.TF_SessionRun.async(
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
        settle,
      );
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
