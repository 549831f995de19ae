import { LockstepError } from '@lockstep/core';
import type { Graph, Operation, Output } from '../graph/graph.js';
import { dataType, dataTypeName } from '../native/dataTypes.js';
import { Compiled, type Feeds, type Results } from './compiled.js';
import { runEagerly } from './eager.js';
import { refusal } from './refusal.js';
import { type ConcreteInput, concreteInputs, type Signature, signatureKey } from './signature.js';
import type { GraphSpace } from './space.js';
import { type TensorFunction, type Trace, trace } from './trace.js';
import type { VariableValues } from './variableValues.js';

/** What a run gives back and what it changes. */
export interface Finish {
  readonly fetches: Readonly<Record<string, Output>>;
  readonly targets?: readonly Operation[];
}

/** What `finish` may want to know of the function. */
interface Traced extends Pick<Trace, 'reads' | 'products'> {
  readonly inputs: Readonly<Record<string, Output>>;
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
   * @param traced what the function was given, the variables that it read, with their values before the run, and
   *   which of its outputs are products; nothing of all that where it is run op by op
   */
  readonly finish?: (
    graph: Graph,
    values: Readonly<Record<string, Output>>,
    traced: Traced,
  ) => Finish;
  /**
   * Takes a function that cannot be captured: from then on it is run op by op for all inputs but those of
   * shapes that it was captured for before. Called once, with the reason. Without it the reason is thrown.
   */
  readonly onFallback?: (reason: LockstepError) => void;
  /** Graphs that are kept, one for each set of input shapes; by default 32. */
  readonly maxShapes?: number;
}

const untraced: Traced = { inputs: {}, reads: new Map(), products: {} };

/** What can be fetched: the types of typed arrays. */
const fetchable: readonly number[] = [
  dataType.float32,
  dataType.int32,
  dataType.bool,
  dataType.uint8,
];

/** A function of tensors as a part of a graph: captured once for each set of input shapes. */
export class CapturedFunction {
  readonly #compiled = new Map<string, Compiled>();
  /** What comes after the function, where that runs op by op; by the shapes of its results. */
  readonly #finishing = new Map<string, Compiled>();
  #eager = false;

  constructor(
    private readonly space: GraphSpace,
    private readonly work: TensorFunction,
    private readonly options: CaptureOptions,
  ) {}

  /**
   * Captures for the shapes of these feeds ahead of the first run.
   *
   * @returns the names of what is fetched; null where the function is run op by op
   */
  prepare(feeds: Feeds): readonly string[] | null {
    const inputs = concreteInputs(this.options.inputs, feeds);
    const more = concreteInputs(this.options.finishInputs ?? {}, feeds);
    return this.#compile(inputs, more)?.names ?? null;
  }

  /**
   * @param feeds one typed array for each input; they are read before the promise is returned, but for those
   *   that are lent
   * @param into arrays to fill with what is fetched, by name; new ones are made of the rest
   * @throws CAPTURE_FAILED, or TensorFlowError where the graph fails
   */
  async run(feeds: Feeds, into: Results = {}): Promise<Results> {
    const { space } = this;
    const inputs = concreteInputs(this.options.inputs, feeds);
    const more = concreteInputs(this.options.finishInputs ?? {}, feeds);
    const compiled = this.#compile(inputs, more);
    if (compiled !== null) {
      return compiled.run((work) => space.inTurn(work), [...inputs, ...more], feeds, into);
    }
    const kept = [...inputs, ...more].map(({ name }) => [name, feeds[name]!.slice()]);
    const copies = Object.fromEntries(kept) as Feeds;
    return space.inTurn((values) => this.#runEagerly(inputs, more, copies, into, values));
  }

  /** @returns null where the function is run op by op */
  #compile(inputs: readonly ConcreteInput[], more: readonly ConcreteInput[]): Compiled | null {
    const key = signatureKey([...inputs, ...more]);
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    if (this.#eager) return null;
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
    const { outputs, products, assigned, reads } = trace(this.space, this.work, given);
    const assigns = [...assigned].map(([variable, value]) =>
      this.space.assign(variable, value, reads.get(variable)),
    );
    const feeds = placed.map(({ feed }) => feed);
    return this.#finish(feeds, outputs, more, { inputs: given, reads, products }, assigns);
  }

  #finish(
    feeds: readonly Output[],
    outputs: Readonly<Record<string, Output>>,
    more: readonly ConcreteInput[],
    traced: Traced,
    assigns: readonly Operation[],
  ): Compiled {
    const { graph, session } = this.space;
    const placed = more.map(({ name, type, shape }) => [name, graph.placeholder(type, shape)]);
    const given = Object.fromEntries(placed) as Record<string, Output>;
    const finished = this.options.finish?.(graph, { ...outputs, ...given }, traced);
    const { fetches, targets = [] } = finished ?? { fetches: outputs };
    for (const [name, { type }] of Object.entries(fetches)) checkFetchable(name, type);
    const allFeeds = [...feeds, ...Object.values(given)];
    // TensorFlow does not give back what it is fed.
    const isFed = ({ oper }: Output) => allFeeds.some((feed) => feed.oper === oper);
    const program = session.prepare({
      feeds: allFeeds,
      fetches: Object.values(fetches).map((output) =>
        isFed(output) ? graph.node('Identity', [output]) : output,
      ),
      targets: [...targets, ...assigns],
    });
    return new Compiled(graph.c, program, Object.keys(fetches));
  }

  async #runEagerly(
    inputs: readonly ConcreteInput[],
    more: readonly ConcreteInput[],
    feeds: Feeds,
    into: Results,
    values: VariableValues,
  ): Promise<Results> {
    const results = await runEagerly(this.space, this.work, inputs, feeds, values);
    const found = Object.entries(results);
    const given = found.map(([name, { type, shape }]) => ({ name, type, shape }));
    const arrays = Object.fromEntries(found.map(([name, result]) => [name, result.values]));
    const finishing = this.#finishingOf(given, more);
    const all = [...given, ...more];
    return finishing.run((work) => work(), all, { ...feeds, ...arrays }, into);
  }

  /** What comes after a function that ran op by op is a graph all the same, fed with its results. */
  #finishingOf(results: readonly ConcreteInput[], more: readonly ConcreteInput[]): Compiled {
    const key = signatureKey([...results, ...more]);
    const known = this.#finishing.get(key);
    if (known !== undefined) return known;
    const { graph } = this.space;
    const placed = results.map(({ name, type, shape }) => [name, graph.placeholder(type, shape)]);
    const given = Object.fromEntries(placed) as Record<string, Output>;
    const compiled = this.#finish(Object.values(given), given, more, untraced, []);
    this.#finishing.set(key, compiled);
    return compiled;
  }
}

function checkFetchable(name: string, type: number): void {
  if (fetchable.includes(type)) return;
  throw refusal(
    `the result '${name}' is of the type ${dataTypeName(type)}, of which no typed array is made`,
    'Return float32, int32 or bool.',
  );
}
