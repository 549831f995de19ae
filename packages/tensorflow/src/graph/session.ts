import { configProto, type Precision, type RuntimeOptions } from '../native/config.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { Status } from '../native/status.js';
import type { Graph, Operation, Output } from './graph.js';

export interface SessionOptions extends RuntimeOptions {
  readonly precision?: Precision;
}

/** What of a graph is run together: what is fed, what comes back, what must have run besides. */
export interface Run {
  readonly feeds: readonly Output[];
  readonly fetches: readonly Output[];
  readonly targets?: readonly Operation[];
}

/** Runs parts of a graph, and holds its variables. The graph may grow while the session lives. */
export class Session {
  readonly #c: NativeFunctions;
  readonly #pointer: Pointer;
  readonly #running = new Set<Promise<unknown>>();

  constructor(graph: Graph, { precision = 'float32', ...options }: SessionOptions = {}) {
    const { c } = graph;
    this.#c = c;
    const status = new Status(c);
    const sessionOptions = c.TF_NewSessionOptions();
    try {
      const config = configProto(options, precision);
      c.TF_SetConfig(sessionOptions, config, config.length, status.pointer);
      status.check();
      this.#pointer = c.TF_NewSession(graph.pointer, sessionOptions, status.pointer);
      status.check();
    } finally {
      c.TF_DeleteSessionOptions(sessionOptions);
      status.delete();
    }
  }

  prepare(run: Run): Program {
    return new Program(this.#c, this.#pointer, run, (running) => {
      this.#running.add(running);
      const forget = () => this.#running.delete(running);
      running.then(forget, forget);
    });
  }

  /** What still runs is waited for. Nothing may be begun any more. */
  async delete(): Promise<void> {
    await Promise.allSettled(this.#running);
    const status = new Status(this.#c);
    this.#c.TF_CloseSession(this.#pointer, status.pointer);
    this.#c.TF_DeleteSession(this.#pointer, status.pointer);
    status.delete();
  }
}

/** A part of a graph that is run again and again, with everything encoded that stays the same. */
export class Program {
  readonly #c: NativeFunctions;
  readonly #session: Pointer;
  readonly #feeds: Uint8Array;
  readonly #fetches: Uint8Array;
  readonly #targets: BigUint64Array;
  readonly #fetchCount: number;

  constructor(
    c: NativeFunctions,
    session: Pointer,
    { feeds, fetches, targets = [] }: Run,
    private readonly onRun: (running: Promise<unknown>) => void,
  ) {
    this.#c = c;
    this.#session = session;
    this.#feeds = encodeOutputs(feeds);
    this.#fetches = encodeOutputs(fetches);
    this.#fetchCount = fetches.length;
    this.#targets = BigUint64Array.from(targets, ({ pointer }) => pointer);
  }

  /**
   * Runs on another thread: the event loop goes on.
   *
   * @param tensors one `TF_Tensor` for each feed; they must stay, unchanged, until the promise settles
   * @returns one `TF_Tensor` for each fetch, to be deleted by the caller
   * @throws TensorFlowError
   */
  run(tensors: readonly Pointer[]): Promise<Pointer[]> {
    const status = new Status(this.#c);
    const inputs = BigUint64Array.from(tensors);
    const outputs = new BigUint64Array(this.#fetchCount);
    const running = new Promise<Pointer[]>((resolve, reject) => {
      const settle = (failure: Error | null): void => {
        try {
          if (failure !== null) throw failure;
          status.check();
          resolve(Array.from(outputs));
        } catch (thrown) {
          reject(thrown);
        } finally {
          // The arrays are held until here: TensorFlow reads and writes them.
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
    this.onRun(running);
    return running;
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
