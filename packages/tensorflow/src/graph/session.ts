import { LockstepError } from '@lockstep/core';
import { configProto, type RuntimeOptions } from '../native/config.js';
import type { NativeFunctions, Pointer } from '../native/functions.js';
import { Status } from '../native/status.js';
import type { Graph } from './graph.js';
import { Program, type Run } from './program.js';

/** Runs parts of a graph, and holds its variables. The graph may grow while the session lives. */
export class Session {
  readonly #c: NativeFunctions;
  readonly #pointer: Pointer;
  readonly #running = new Set<Promise<unknown>>();
  #deleted = false;

  constructor(graph: Graph, options: RuntimeOptions = {}) {
    const { c } = graph;
    this.#c = c;
    const status = new Status(c);
    const sessionOptions = c.TF_NewSessionOptions();
    try {
      const config = configProto(options);
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
    return new Program(this.#c, this.#pointer, run, (begin) => this.#begin(begin));
  }

  /** What still runs is waited for. Nothing can be begun any more. */
  async delete(): Promise<void> {
    if (this.#deleted) return;
    this.#deleted = true;
    await Promise.allSettled(this.#running);
    const status = new Status(this.#c);
    this.#c.TF_CloseSession(this.#pointer, status.pointer);
    this.#c.TF_DeleteSession(this.#pointer, status.pointer);
    status.delete();
  }

  #begin<Result>(begin: () => Promise<Result>): Promise<Result> {
    // TensorFlow would not refuse: it would read memory that is no session any more.
    if (this.#deleted) throw new LockstepError('INTERNAL', 'the session was deleted');
    const running = begin();
    this.#running.add(running);
    const forget = () => this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }
}
