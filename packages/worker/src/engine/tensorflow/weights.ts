import type { OptimizerConfig } from '@lockstep/core';
import { type Range, rangeLength } from '@lockstep/core/data';
import {
  alignedFloats,
  type Graph,
  type GraphSpace,
  type GraphVariable,
  type Operation,
  type Output,
  type VariableValues,
} from '@lockstep/tensorflow';
import type { BuiltModel } from '../../model/index.js';
import { createOptimizer, type Optimizer } from '../../optimizer/index.js';
import { checkState } from '../checks.js';
import type { ModelState } from '../engine.js';
import { ownSlots, slotsOfRange } from '../shard.js';
import { variableOf } from '../tfjs/network.js';
import { createGraphUpdate, type GraphUpdate, type Target } from './updates/index.js';

/** What the optimizer works on: the trainable weights, or a copy of a part of them; and its memory of those. */
interface Optimized {
  /** In the flat trainable weights. */
  readonly range: Range;
  /** One after the other, they are what lies in the range. */
  readonly weights: readonly GraphVariable[];
  /** One for each of the weights, by name. */
  readonly slots: Readonly<Record<string, readonly GraphVariable[]>>;
  readonly scratch: Readonly<Record<string, readonly GraphVariable[]>>;
}

/** Weights and optimizer state as variables of a graph: the truth, of which nothing else has a copy. */
export class GraphWeights {
  /** Scalars that an update is fed with, in the order of its feeds. */
  readonly scalarNames: readonly string[];
  readonly #space: GraphSpace;
  readonly #weights: readonly GraphVariable[];
  readonly #trainable: readonly GraphVariable[];
  readonly #frozen: readonly GraphVariable[];
  readonly #optimizer: Optimizer;
  readonly #update: GraphUpdate;
  readonly #lengths: { readonly all: number; readonly trainable: number };
  readonly #canLend: boolean;
  #optimized: Optimized;
  /** Where the trainable weights are, once they are written as a whole only. */
  #home: Float32Array | null = null;
  #iterations = 0;

  private constructor(space: GraphSpace, built: BuiltModel, config: OptimizerConfig) {
    const { parameters, initialWeights, gradientLength } = built;
    this.#space = space;
    this.#weights = parameters.map(({ name, shape }, i) => space.variable(`${i}/${name}`, shape));
    this.#trainable = this.#weights.filter((_, i) => parameters[i]!.trainable);
    this.#frozen = this.#weights.filter((_, i) => !parameters[i]!.trainable);
    this.#optimizer = createOptimizer(config);
    this.#update = createGraphUpdate(config);
    this.scalarNames = Object.keys(this.#update.scalarsOf(0, 0));
    const isAligned = parameters.every(({ trainable, offset }) => !trainable || offset % 16 === 0);
    this.#canLend = isAligned && !space.tensorflow.isUsingGpu;
    this.#lengths = { all: initialWeights.length, trainable: gradientLength };
    this.#optimized = this.#memoryOf({ begin: 0, end: gradientLength }, this.#trainable);
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
    const { trainable } = weights.#lengths;
    const names = weights.#optimizer.slotNames;
    const slots = names.map((name) => [name, weights.#optimizer.initialSlot(name, trainable)]);
    const optimizer = { iterations: 0, slots: Object.fromEntries(slots) };
    await space.inTurn(async (values) => {
      await weights.#clearScratch(values);
      await weights.#write(values, { weights: built.initialWeights, optimizer });
    });
    return weights;
  }

  /** The part of the flat trainable weights that is updated here: all of them, unless `shard` was called. */
  get own(): Range {
    return this.#optimized.range;
  }

  /**
   * From now on, only this part is updated, as a flat copy, and memory is kept of it alone; see
   * LoadedModel.shardOptimizer.
   */
  async shard(range: Range): Promise<void> {
    const iterations = this.#iterations;
    await this.#space.inTurn(async (values) => {
      const { weights, optimizer } = await this.#read(values, iterations);
      const former = this.#optimized;
      const copies = former.weights === this.#trainable ? [] : former.weights;
      const memory = [former.slots, former.scratch].flatMap((each) => Object.values(each).flat());
      await values.destroy([...copies, ...memory]);
      if (this.#canLend && this.#home === null) {
        this.#home = alignedFloats(this.#lengths.trainable);
        await values.lend(this.#trainable, this.#home);
      }
      const name = `own/${range.begin}-${range.end}`;
      const copy = this.#space.variable(name, [rangeLength(range)]);
      this.#optimized = this.#memoryOf(range, [copy]);
      const slots = slotsOfRange(optimizer.slots, former.range, range, this.#optimizer);
      await this.#clearScratch(values);
      await this.#write(values, { weights, optimizer: { iterations, slots } });
    });
  }

  /**
   * Adds one update to the graph.
   *
   * @param gradients of the trainable weights, in order; or the flat one of the own part, once that is all that
   *   is updated
   */
  update(
    graph: Graph,
    gradients: readonly Output[],
    scalars: Readonly<Record<string, Output>>,
    reads: ReadonlyMap<GraphVariable, Output>,
  ): Operation[] {
    const { weights, slots, scratch } = this.#optimized;
    return weights.flatMap((weight, i) => {
      const all = Object.entries({ ...slots, ...scratch });
      const memory = Object.fromEntries(all.map(([name, variables]) => [name, variables[i]!]));
      const read = reads.get(weight);
      const after: Target['after'] = read === undefined ? [] : [read.oper];
      const target = { weight, slots: memory, gradient: gradients[i]!, scalars, after };
      return this.#update.update(graph, target);
    });
  }

  /** The flat own part, as it is after an update. Only once `shard` was called. */
  updatedPart(update: readonly Operation[]): Output {
    const after = update.map(({ pointer }) => pointer);
    return this.#space.read(this.#optimized.weights[0]!, after);
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
    const iterations = this.#iterations;
    return this.#space.inTurn((values) => this.#read(values, iterations));
  }

  /**
   * @param state with slots of all trainable weights, or of the own part
   * @throws CHECKPOINT_MISMATCH, and nothing written, where it is of another model or optimizer
   */
  async write(state: ModelState): Promise<void> {
    const { all, trainable } = this.#lengths;
    const own = this.#optimized.range;
    const slots = ownSlots(state.optimizer.slots, own, trainable);
    const part = { ...state, optimizer: { ...state.optimizer, slots } };
    const empty = (length: number) => ({ length });
    const names = this.#optimizer.slotNames.map((name) => [name, empty(rangeLength(own))]);
    checkState(part, {
      weights: empty(all),
      optimizer: { slots: Object.fromEntries(names) },
    });
    this.#iterations = state.optimizer.iterations;
    await this.#space.inTurn((values) => this.#write(values, part));
  }

  /** The trainable weights, of which the own part must be what the last update made it. */
  async writeTrainable(weights: Float32Array): Promise<void> {
    await this.#space.inTurn((values) => this.#writeTrainable(values, weights));
  }

  async #writeTrainable(values: VariableValues, weights: Float32Array): Promise<void> {
    if (this.#home === null) await values.writeFrom(this.#trainable, weights);
    else this.#home.set(weights);
  }

  async #read(values: VariableValues, iterations: number): Promise<ModelState> {
    const weights = new Float32Array(this.#lengths.all);
    const slots: Record<string, Float32Array> = {};
    await values.readInto(this.#weights, weights);
    for (const [name, variables] of Object.entries(this.#optimized.slots)) {
      slots[name] = new Float32Array(rangeLength(this.#optimized.range));
      await values.readInto(variables, slots[name]);
    }
    return { weights, optimizer: { iterations, slots } };
  }

  /** @param state with slots of the own part */
  async #write(values: VariableValues, { weights, optimizer }: ModelState): Promise<void> {
    const { range, weights: optimized, slots } = this.#optimized;
    await this.#writeTrainable(values, weights.subarray(0, this.#lengths.trainable));
    await values.writeFrom(this.#frozen, weights.subarray(this.#lengths.trainable));
    if (optimized !== this.#trainable) {
      await values.writeFrom(optimized, weights.subarray(range.begin, range.end));
    }
    for (const [name, variables] of Object.entries(slots)) {
      await values.writeFrom(variables, optimizer.slots[name]!);
    }
  }

  #memoryOf(range: Range, weights: readonly GraphVariable[]): Optimized {
    const memory = (names: readonly string[]) =>
      Object.fromEntries(
        names.map((name) => [
          name,
          weights.map((weight) => this.#space.variable(`${weight.name}/${name}`, weight.shape)),
        ]),
      );
    const { slotNames } = this.#optimizer;
    const { scratch = [] } = this.#update;
    return { range, weights, slots: memory(slotNames), scratch: memory(scratch) };
  }

  async #clearScratch(values: VariableValues): Promise<void> {
    const { range, scratch } = this.#optimized;
    const zeros = new Float32Array(rangeLength(range));
    for (const variables of Object.values(scratch)) await values.writeFrom(variables, zeros);
  }
}
