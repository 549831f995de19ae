import type { Variable } from '@tensorflow/tfjs-core';
import type { TensorFlow } from '../backend/index.js';
import { Graph, type Output } from '../graph/graph.js';
import { type Ports, savedModel } from '../graph/savedModel.js';
import { Session } from '../graph/session.js';
import { dataType } from '../native/dataTypes.js';
import { Compiled, type Feeds, type Results } from './compiled.js';
import { refusal } from './refusal.js';
import { type TensorFunction, type TraceSpace, trace } from './trace.js';
import { useBackend } from './useBackend.js';

export interface FreezeOptions {
  /** The shapes of a sample, by name; float32. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** What the function reads: the values that they have now become constants. */
  readonly variables: readonly Variable[];
}

/** A function of a batch as a graph by itself, for batches of any size. */
export class FrozenFunction {
  readonly #graph: Graph;
  readonly #session: Session;
  readonly #compiled: Compiled;
  readonly #inputs: Readonly<Record<string, Output>>;
  readonly #outputs: Readonly<Record<string, Output>>;

  /**
   * TensorFlow.js does not know sizes that are open: it reckons with -1, which most layers stand, and some do not.
   * Compare what `run` gives with the function itself before you rely on it.
   *
   * @throws CAPTURE_FAILED as trace does, and where the function changes a variable
   */
  constructor(
    private readonly tensorflow: TensorFlow,
    work: TensorFunction,
    { inputs, variables }: FreezeOptions,
  ) {
    const graph = new Graph(tensorflow.library);
    const session = new Session(graph, tensorflow.options);
    this.#graph = graph;
    this.#session = session;
    try {
      const places = mapped(inputs, (shape) => graph.placeholder(dataType.float32, [-1, ...shape]));
      const traced = trace(frozenSpace(tensorflow, graph, variables), work, places);
      for (const { name } of traced.assigned.keys()) throw refuseChange(name);
      // TensorFlow does not give back what it is fed.
      const results = mapped(traced.outputs, (output) => graph.node('Identity', [output]));
      const run = { feeds: Object.values(places), fetches: Object.values(results) };
      this.#inputs = places;
      this.#outputs = results;
      this.#compiled = new Compiled(graph.c, session.prepare(run), Object.keys(results));
    } catch (thrown) {
      void this.delete();
      throw thrown;
    }
  }

  /** @param feeds float32 by name, so many samples of each */
  async run(feeds: Feeds, samples: number): Promise<Results> {
    const inputs = Object.entries(this.#inputs).map(([name, { type, shape }]) => ({
      name,
      type,
      shape: [samples, ...shape!.slice(1)],
    }));
    return await this.#compiled.run((work) => work(), inputs, feeds, {});
  }

  /** The content of a SavedModel's one file, `saved_model.pb`. */
  savedModel(): Uint8Array {
    const portsOf = (outputs: Readonly<Record<string, Output>>): Ports =>
      mapped(outputs, (output) => ({
        tensor: this.#graph.nameOf(output),
        type: output.type,
        shape: output.shape!,
      }));
    return savedModel({
      graph: this.#graph.encode(),
      version: this.tensorflow.version,
      inputs: portsOf(this.#inputs),
      outputs: portsOf(this.#outputs),
    });
  }

  async delete(): Promise<void> {
    await this.#session.delete();
    this.#graph.delete();
  }
}

function frozenSpace(
  tensorflow: TensorFlow,
  graph: Graph,
  variables: readonly Variable[],
): TraceSpace {
  useBackend(tensorflow);
  const constants = variables.map((variable) => {
    const { name, shape } = variable;
    const handle = graph.constant(dataType.float32, shape, variable.dataSync<'float32'>());
    return [variable, { name, shape, handle }] as const;
  });
  return {
    tensorflow,
    graph,
    bound: new Map(constants),
    precision: 'float32',
    read: ({ handle }) => handle,
    isBatchOpen: true,
  };
}

const refuseChange = (name: string) =>
  refusal(
    `a function that changes the variable '${name}' cannot be frozen`,
    'Freeze a function that only reads its variables.',
  );

const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
