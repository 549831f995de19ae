import type { OptimizerConfig } from '@lockstep/core';
import type { Graph, GraphSpace, GraphVariable, Operation, Output } from '@lockstep/tensorflow';
import type { BuiltModel } from '../../model/index.js';
import { createOptimizer } from '../../optimizer/index.js';
import { checkState } from '../checks.js';
import type { ModelState } from '../engine.js';
import { variableOf } from '../tfjs/network.js';
import { createGraphUpdate, type GraphUpdate, type Target } from './updates/index.js';

/** Weights and optimizer state as variables of a graph: the truth, of which nothing else has a copy. */
export class GraphWeights {
  /** Scalars that an update is fed with, in the order of its feeds. */
  readonly scalarNames: readonly string[];
  readonly #space: GraphSpace;
  readonly #weights: readonly GraphVariable[];
  readonly #trainable: readonly GraphVariable[];
  readonly #slots: Readonly<Record<string, readonly GraphVariable[]>>;
  readonly #scratch: Readonly<Record<string, readonly GraphVariable[]>>;
  readonly #update: GraphUpdate;
  readonly #lengths: { readonly all: number; readonly trainable: number };
  #iterations = 0;

  private constructor(space: GraphSpace, built: BuiltModel, config: OptimizerConfig) {
    const { parameters, initialWeights, gradientLength } = built;
    this.#space = space;
    this.#weights = parameters.map(({ name, shape }, i) => space.variable(`${i}/${name}`, shape));
    this.#trainable = this.#weights.filter((_, i) => parameters[i]!.trainable);
    this.#update = createGraphUpdate(config);
    this.scalarNames = Object.keys(this.#update.scalarsOf(0, 0));
    const slot = (name: string) =>
      this.#trainable.map((weight) => space.variable(`${weight.name}/${name}`, weight.shape));
    const slots = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, slot(name)]));
    this.#slots = slots(createOptimizer(config).slotNames);
    this.#scratch = slots(this.#update.scratch ?? []);
    this.#lengths = { all: initialWeights.length, trainable: gradientLength };
  }

  /** With the initial weights, and the optimizer at its start. */
  static async create(
    space: GraphSpace,
    built: BuiltModel,
    config: OptimizerConfig,
  ): Promise<GraphWeights> {
    const weights = new GraphWeights(space, built, config);
    for (const [i, variable] of built.variables.entries()) {
      space.bind(variableOf(variable), weights.#weights[i]!);
    }
    const optimizer = createOptimizer(config);
    const { trainable } = weights.#lengths;
    const slots = Object.entries(weights.#slots).map(([name]): [string, Float32Array] => [
      name,
      optimizer.initialSlot(name, trainable),
    ]);
    for (const scratch of Object.values(weights.#scratch)) {
      await space.writeFrom(scratch, new Float32Array(trainable));
    }
    await weights.#store({
      weights: built.initialWeights,
      optimizer: { iterations: 0, slots: Object.fromEntries(slots) },
    });
    return weights;
  }

  /** Adds one update to the graph. `gradients` belong to the trainable weights, in order. */
  update(
    graph: Graph,
    gradients: readonly Output[],
    scalars: Readonly<Record<string, Output>>,
    reads: ReadonlyMap<GraphVariable, Output>,
  ): Operation[] {
    return this.#trainable.flatMap((weight, i) => {
      const all = Object.entries({ ...this.#slots, ...this.#scratch });
      const slots = Object.fromEntries(all.map(([name, variables]) => [name, variables[i]!]));
      const read = reads.get(weight);
      const after: Target['after'] = read === undefined ? [] : [read.oper];
      return this.#update.update(graph, { weight, slots, gradient: gradients[i]!, scalars, after });
    });
  }

  /**
   * Counts an update as soon as it is asked for, since what is asked for next is to find it done; one that
   * fails does not count.
   *
   * @param run begins the update with the feeds it needs, by name
   */
  async counting<Result>(
    learningRate: number,
    run: (scalars: Record<string, Float32Array>) => Promise<Result>,
  ): Promise<Result> {
    const values = Object.entries(this.#update.scalarsOf(learningRate, this.#iterations));
    const running = run(
      Object.fromEntries(values.map(([name, value]) => [name, Float32Array.of(value)])),
    );
    this.#iterations += 1;
    try {
      return await running;
    } catch (thrown) {
      this.#iterations -= 1;
      throw thrown;
    }
  }

  /** As it is after everything that was asked for before. */
  async read(): Promise<ModelState> {
    const weights = new Float32Array(this.#lengths.all);
    const slots: Record<string, Float32Array> = {};
    const iterations = this.#iterations;
    await this.#space.inTurn(async (values) => {
      await values.readInto(this.#weights, weights);
      for (const [name, variables] of Object.entries(this.#slots)) {
        slots[name] = new Float32Array(this.#lengths.trainable);
        await values.readInto(variables, slots[name]);
      }
    });
    return { weights, optimizer: { iterations, slots } };
  }

  /** CHECKPOINT_MISMATCH, and nothing written, where the state is of another model or optimizer. */
  async write(state: ModelState): Promise<void> {
    const { all, trainable } = this.#lengths;
    const empty = (length: number) => ({ length });
    const names = Object.keys(this.#slots);
    checkState(state, {
      weights: empty(all),
      optimizer: { slots: Object.fromEntries(names.map((name) => [name, empty(trainable)])) },
    });
    await this.#store(state);
  }

  async #store({ weights, optimizer }: ModelState): Promise<void> {
    this.#iterations = optimizer.iterations;
    await this.#space.inTurn(async (values) => {
      await values.writeFrom(this.#weights, weights);
      for (const [name, variables] of Object.entries(this.#slots)) {
        await values.writeFrom(variables, optimizer.slots[name]!);
      }
    });
  }
}
