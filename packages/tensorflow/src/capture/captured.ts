import { LockstepError } from '@lockstep/core';
import type { Graph, Operation, Output } from '../graph/graph.js';
import type { Program } from '../graph/session.js';
import { dataType } from '../native/dataTypes.js';
import type { Pointer } from '../native/functions.js';
import { bytesOfTensor, tensorFrom } from '../native/tensor.js';
import { type EagerResult, runEagerly } from './eager.js';
import {
  type ConcreteInput,
  concreteInputs,
  type FeedArray,
  type Signature,
  signatureKey,
} from './signature.js';
import type { GraphSpace, GraphVariable } from './space.js';
import { type TensorFunction, trace } from './trace.js';

/** What a run gives back and what it changes. */
export interface Finish {
  readonly fetches: Readonly<Record<string, Output>>;
  readonly targets?: readonly Operation[];
}

export interface CaptureOptions {
  /** For messages: what the function is. */
  readonly name: string;
  readonly inputs: Signature;
  /** Inputs of `finish` alone. */
  readonly finishInputs?: Signature;
  /**
   * Adds to the graph what TensorFlow.js has no op for, such as an optimizer's update; by default the
   * function's outputs are fetched as they are. An operation that changes a variable must come after the
   * variable was read.
   *
   * @param values the function's outputs and the `finishInputs`
   * @param reads the variables that the function read, with their values before the run
   */
  readonly finish?: (
    graph: Graph,
    values: Readonly<Record<string, Output>>,
    reads: ReadonlyMap<GraphVariable, Output>,
  ) => Finish;
  /**
   * Takes a function that cannot be captured: it is then run op by op. Called once, with the reason.
   * Without it the reason is thrown.
   */
  readonly onFallback?: (reason: LockstepError) => void;
  /** Graphs that are kept, one for each set of input shapes; by default 32. */
  readonly maxShapes?: number;
}

export type Feeds = Readonly<Record<string, FeedArray>>;
export type Results = Record<string, FeedArray>;

/** Part of the graph, ready to run; the names say what is fetched, in order. */
interface Compiled {
  readonly program: Program;
  readonly names: readonly string[];
}

/** A function of tensors as a part of a graph: captured once for each set of input shapes. */
export class CapturedFunction {
  readonly #compiled = new Map<string, Compiled>();
  #eager = false;

  constructor(
    private readonly space: GraphSpace,
    private readonly work: TensorFunction,
    private readonly options: CaptureOptions,
  ) {}

  /** Captures for the shapes of these feeds ahead of the first run. */
  prepare(feeds: Feeds): void {
    const inputs = concreteInputs(this.options.inputs, feeds);
    this.#compile(inputs, concreteInputs(this.options.finishInputs ?? {}, feeds));
  }

  /**
   * @param feeds one typed array for each input; they are read before the promise is returned
   * @param into arrays to fill with what is fetched, by name; new ones are made of the rest
   * @throws CAPTURE_FAILED, or TensorFlowError where the graph fails
   */
  async run(feeds: Feeds, into: Results = {}): Promise<Results> {
    const inputs = concreteInputs(this.options.inputs, feeds);
    const more = concreteInputs(this.options.finishInputs ?? {}, feeds);
    const compiled = this.#compile(inputs, more);
    if (compiled !== null) return await this.#execute(compiled, [...inputs, ...more], feeds, into);
    const results = await runEagerly(this.space, this.work, inputs, feeds);
    return await this.#finishEagerly(results, more, feeds, into);
  }

  /** @returns null where the function is run op by op */
  #compile(inputs: readonly ConcreteInput[], more: readonly ConcreteInput[]): Compiled | null {
    if (this.#eager) return null;
    const key = signatureKey([...inputs, ...more]);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    try {
      this.#checkRoom();
      const compiled = this.#capture(inputs, more);
      this.#compiled.set(key, compiled);
      return compiled;
    } catch (thrown) {
      const { onFallback } = this.options;
      const isRefusal = thrown instanceof LockstepError && thrown.code === 'CAPTURE_FAILED';
      if (!isRefusal || onFallback === undefined) throw thrown;
      this.#eager = true;
      onFallback(thrown);
      return null;
    }
  }

  #checkRoom(): void {
    const { name, maxShapes = 32 } = this.options;
    if (this.#compiled.size < maxShapes) return;
    throw new LockstepError(
      'CAPTURE_FAILED',
      `'${name}' was captured for ${maxShapes} sets of input shapes, and here is another one`,
      { hint: 'Pad inputs to a few shapes: each one costs memory and the time to capture it.' },
    );
  }

  #capture(inputs: readonly ConcreteInput[], more: readonly ConcreteInput[]): Compiled {
    const { graph } = this.space;
    const placed = inputs.map(({ name, type, shape }) => {
      const feed = graph.placeholder(type, shape);
      // TensorFlow.js has no bytes: they become floats in the graph, after they were moved.
      const isBytes = type === dataType.uint8;
      const attributes = { DstT: { type: dataType.float32 } };
      return { name, feed, value: isBytes ? graph.node('Cast', [feed], attributes) : feed };
    });
    const given = Object.fromEntries(placed.map(({ name, value }) => [name, value]));
    const { outputs, assigned, reads } = trace(this.space, this.work, given);
    const assigns = [...assigned].map(([variable, value]) =>
      this.space.assign(variable, value, reads.get(variable)),
    );
    const feeds = placed.map(({ feed }) => feed);
    return this.#finish(feeds, outputs, more, reads, assigns);
  }

  #finish(
    feeds: readonly Output[],
    outputs: Readonly<Record<string, Output>>,
    more: readonly ConcreteInput[],
    reads: ReadonlyMap<GraphVariable, Output>,
    assigns: readonly Operation[],
  ): Compiled {
    const { graph, session } = this.space;
    const placed = more.map(({ name, type, shape }) => [name, graph.placeholder(type, shape)]);
    const given = Object.fromEntries(placed) as Record<string, Output>;
    const finished = this.options.finish?.(graph, { ...outputs, ...given }, reads);
    const { fetches, targets = [] } = finished ?? { fetches: outputs };
    const program = session.prepare({
      feeds: [...feeds, ...Object.values(given)],
      fetches: Object.values(fetches),
      targets: [...targets, ...assigns],
    });
    return { program, names: Object.keys(fetches) };
  }

  /** What comes after a function that ran op by op is a graph all the same, fed with its results. */
  async #finishEagerly(
    results: Readonly<Record<string, EagerResult>>,
    more: readonly ConcreteInput[],
    feeds: Feeds,
    into: Results,
  ): Promise<Results> {
    const inputs = Object.entries(results).map(([name, { type, shape }]) => ({
      name,
      type,
      shape,
    }));
    const all = [...inputs, ...more];
    const key = signatureKey(all);
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const { graph } = this.space;
      const placed = inputs.map(({ name, type, shape }) => [name, graph.placeholder(type, shape)]);
      const given = Object.fromEntries(placed) as Record<string, Output>;
      compiled = this.#finish(Object.values(given), given, more, new Map(), []);
      this.#compiled.set(key, compiled);
    }
    const values = Object.entries(results).map(([name, result]) => [name, result.values]);
    return this.#execute(compiled, all, { ...feeds, ...Object.fromEntries(values) }, into);
  }

  async #execute(
    { program, names }: Compiled,
    inputs: readonly ConcreteInput[],
    feeds: Feeds,
    into: Results,
  ): Promise<Results> {
    const { c } = this.space.graph;
    const tensors = inputs.map(({ name, type, shape }) => tensorFrom(c, type, shape, feeds[name]!));
    let fetched: Pointer[] = [];
    try {
      fetched = await program.run(tensors);
      return Object.fromEntries(
        names.map((name, i) => [name, this.#valuesOf(fetched[i]!, into[name])]),
      );
    } finally {
      for (const tensor of [...tensors, ...fetched]) c.TF_DeleteTensor(tensor);
    }
  }

  #valuesOf(tensor: Pointer, into: FeedArray | undefined): FeedArray {
    const { c } = this.space.graph;
    const bytes = bytesOfTensor(c, tensor);
    const values = into ?? emptyArray(c.TF_TensorType(tensor), bytes.length);
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
    return values;
  }
}

function emptyArray(type: number, bytes: number): FeedArray {
  const buffer = new ArrayBuffer(bytes);
  if (type === dataType.float32) return new Float32Array(buffer);
  return type === dataType.int32 ? new Int32Array(buffer) : new Uint8Array(buffer);
}
