import { LockstepError, type OptimizerConfig } from '@lockstep/core';
import { type Range, rangeLength } from '@lockstep/core/data';
import type { KernelMemory } from '@lockstep/core/reducer';
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
import { createOptimizer, type Optimizer, vectorized } from '../../optimizer/index.js';
import { checkState } from '../checks.js';
import type { Home, ModelState } from '../engine.js';
import { ownSlots, slotsOfRange } from '../shard.js';
import { variableOf } from '../tfjs/network.js';
import { HostUpdate } from './hostUpdate.js';
import { OptimizerMemory } from './optimizerMemory.js';
import { createGraphUpdate, type GraphUpdate, type Target } from './updates/index.js';

/** What the optimizer works on. */
type Optimized = (InGraph | OnHost) & {
  /** Whether others update the rest. */
  readonly isPart: boolean;
};

/** The trainable weights, or a copy of a part of them, as variables; and the optimizer's memory of those. */
interface InGraph {
  readonly isOnHost: false;
  /** In the flat trainable weights. */
  readonly range: Range;
  /** One after the other, they are what lies in the range. */
  readonly weights: readonly GraphVariable[];
  readonly memory: OptimizerMemory;
}

/** All weights, of which the graph's variables have their values; or a copy of a part; both in memory of the host. */
interface OnHost {
  readonly isOnHost: true;
  readonly range: Range;
  readonly weights: readonly [];
  readonly memory: HostUpdate;
}

/** Whether they are the same memory. */
const isSame = (one: Float32Array, other: Float32Array): boolean =>
  one.buffer === other.buffer && one.byteOffset === other.byteOffset;

/** Elements of a cache line, at whole ones of which TensorFlow wants a tensor to begin. */
const lineLength = 16;

/** Weights and optimizer state as variables of a graph: the truth, of which nothing else has a copy. */
export class GraphWeights {
  /** Scalars that an update is fed with, in the order of its feeds. */
  readonly scalarNames: readonly string[];
  readonly #space: GraphSpace;
  readonly #trainable: readonly GraphVariable[];
  readonly #frozen: readonly GraphVariable[];
  readonly #config: OptimizerConfig;
  readonly #optimizer: Optimizer;
  readonly #update: GraphUpdate;
  readonly #lengths: { readonly all: number; readonly trainable: number };
  readonly #canLend: boolean;
  #optimized: Optimized;
  /** Where the trainable weights are, once they are written as a whole only; and where, if nobody gives a place. */
  #home: Float32Array | null = null;
  #ownHome: Float32Array | null = null;
  #iterations = 0;

  private constructor(space: GraphSpace, built: BuiltModel, config: OptimizerConfig) {
    const { parameters, initialWeights, gradientLength } = built;
    const weights = parameters.map(({ name, shape }, i) => space.variable(`${i}/${name}`, shape));
    this.#space = space;
    this.#trainable = weights.filter((_, i) => parameters[i]!.trainable);
    this.#frozen = weights.filter((_, i) => !parameters[i]!.trainable);
    this.#config = config;
    this.#optimizer = createOptimizer(config);
    this.#update = createGraphUpdate(config);
    this.scalarNames = Object.keys(this.#update.scalarsOf(0, 0));
    this.#lengths = { all: initialWeights.length, trainable: gradientLength };
    this.#canLend =
      !space.tensorflow.isUsingGpu &&
      parameters.every(({ trainable, offset }) => !trainable || offset % lineLength === 0);
    this.#optimized = { isPart: false, ...this.#inGraph(this.#trainable, this.#all) };
  }

  /** With the initial weights, and the optimizer at its start. */
  static async create(
    space: GraphSpace,
    built: BuiltModel,
    config: OptimizerConfig,
  ): Promise<GraphWeights> {
    const weights = new GraphWeights(space, built, config);
    const all = [...weights.#trainable, ...weights.#frozen];
    for (const [i, variable] of built.variables.entries()) {
      space.bind(variableOf(variable), all[i]!);
    }
    await space.inTurn((values) => weights.#writeAll(values, built.initialWeights));
    return weights;
  }

  /** The part of the flat trainable weights that is updated here: all of them, unless `shard` was called. */
  get own(): Range {
    return this.#optimized.range;
  }

  /** Whether others update the rest. */
  get isPart(): boolean {
    return this.#optimized.isPart;
  }

  /** Whether updates are made by `updateOnHost`, not by the graph. */
  get isOnHost(): boolean {
    return this.#optimized.isOnHost;
  }

  /**
   * From now on, only this part is updated, as a flat copy, and memory is kept of it alone: on the host where the
   * optimizer can, else by the graph; see LoadedModel.shardOptimizer.
   */
  async shard(range: Range, home?: Home): Promise<void> {
    await this.#space.inTurn((values) =>
      this.#move(values, async () => {
        if (this.#canLend) await this.#lend(values, home?.weights ?? this.#ownPlace());
        const length = rangeLength(range);
        const onHost = home && (await this.#onHost(home.memory, range));
        if (onHost) return { isPart: true, ...onHost };
        const copy = this.#space.variable(`own/${range.begin}-${range.end}`, [length]);
        return { isPart: true, ...this.#inGraph([copy], range) };
      }),
    );
  }

  /** From now on, all weights are updated on the host, if the optimizer can; else, and in the end, by the graph. */
  async moveIn(memory: KernelMemory | null): Promise<void> {
    await this.#space.inTurn(async (values) => {
      const onHost = memory && (await this.#onHost(memory, this.#all));
      if (onHost === null && !this.#optimized.isOnHost) return;
      await this.#move(values, async () => {
        if (onHost !== null) {
          await this.#lend(values, onHost.memory.weights);
          return { isPart: false, ...onHost };
        }
        this.#home = null;
        return { isPart: false, ...this.#inGraph(this.#trainable, this.#all) };
      });
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
    const { weights, memory, isOnHost } = this.#optimized;
    if (isOnHost) throw new LockstepError('INTERNAL', 'the weights are not updated by the graph');
    return weights.flatMap((weight, i) => {
      const read = reads.get(weight);
      const after: Target['after'] = read === undefined ? [] : [read.oper];
      const target = { weight, slots: memory.of(i), gradient: gradients[i]!, scalars, after };
      return this.#update.update(graph, target);
    });
  }

  /** The flat own part, as it is after an update by the graph. Only once `shard` was called. */
  updatedPart(update: readonly Operation[]): Output {
    const after = update.map(({ pointer }) => pointer);
    return this.#space.read(this.#optimized.weights[0]!, after);
  }

  /** Updates the own part on the host, and gives it. */
  async updateOnHost(gradient: Float32Array, learningRate: number): Promise<Float32Array> {
    return this.#space.inTurn(async () => {
      const { memory, isOnHost } = this.#optimized;
      if (!isOnHost) throw new LockstepError('INTERNAL', 'the weights are updated by the graph');
      memory.update(gradient, learningRate, this.#iterations);
      this.#iterations += 1;
      return memory.weights;
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
    const { memory } = this.#optimized;
    const begun = memory.isThere ? undefined : this.#space.inTurn((values) => memory.begin(values));
    const values = Object.entries(this.#update.scalarsOf(learningRate, this.#iterations));
    const running = run(
      Object.fromEntries(values.map(([name, value]) => [name, Float32Array.of(value)])),
    );
    this.#iterations += 1;
    try {
      const [, result] = await Promise.all([begun, running]);
      return result;
    } catch (thrown) {
      this.#iterations -= 1;
      throw thrown;
    }
  }

  /** As it is after everything that was asked for before. */
  async read(): Promise<ModelState> {
    const iterations = this.#iterations;
    return this.#space.inTurn(async (values) => {
      const weights = await this.#readAll(values);
      const slots = await this.#optimized.memory.read(values);
      return { weights, optimizer: { iterations, slots } };
    });
  }

  /** Likewise. */
  readWeights(): Promise<Float32Array> {
    return this.#space.inTurn((values) => this.#readAll(values));
  }

  /**
   * @param state with slots of all trainable weights, or of the own part
   * @throws CHECKPOINT_MISMATCH, and nothing written, where it is of another model or optimizer
   */
  async write({ weights, optimizer: { iterations, slots } }: ModelState): Promise<void> {
    const { all, trainable } = this.#lengths;
    const { range, memory } = this.#optimized;
    const own = ownSlots(slots, range, trainable);
    const empty = (length: number) => ({ length });
    const names = this.#optimizer.slotNames.map((name) => [name, empty(rangeLength(range))]);
    checkState(
      { weights, optimizer: { iterations, slots: own } },
      { weights: empty(all), optimizer: { slots: Object.fromEntries(names) } },
    );
    this.#iterations = iterations;
    await this.#space.inTurn(async (values) => {
      await this.#writeAll(values, weights);
      await memory.write(values, own);
    });
  }

  /** The trainable weights, of which the own part must be what the last update made it. */
  async writeTrainable(weights: Float32Array): Promise<void> {
    await this.#space.inTurn((values) => this.#writeTrainable(values, weights));
  }

  async #readAll(values: VariableValues): Promise<Float32Array> {
    const weights = new Float32Array(this.#lengths.all);
    await values.readInto([...this.#trainable, ...this.#frozen], weights);
    return weights;
  }

  async #writeAll(values: VariableValues, weights: Float32Array): Promise<void> {
    const { trainable } = this.#lengths;
    const { range, isOnHost, memory, weights: optimized } = this.#optimized;
    await this.#writeTrainable(values, weights.subarray(0, trainable));
    await values.writeFrom(this.#frozen, weights.subarray(trainable));
    const own = weights.subarray(range.begin, range.end);
    if (isOnHost) memory.weights.set(own);
    else if (optimized !== this.#trainable) await values.writeFrom(optimized, own);
  }

  async #writeTrainable(values: VariableValues, weights: Float32Array): Promise<void> {
    if (this.#home === null) await values.writeFrom(this.#trainable, weights);
    else if (!isSame(this.#home, weights)) this.#home.set(weights);
  }

  #ownPlace(): Float32Array {
    this.#ownHome ??= alignedFloats(this.#lengths.trainable);
    return this.#ownHome;
  }

  get #all(): Range {
    return { begin: 0, end: this.#lengths.trainable };
  }

  #inGraph(weights: readonly GraphVariable[], range: Range): InGraph {
    const length = rangeLength(range);
    const memory = new OptimizerMemory(this.#space, this.#optimizer, this.#update, weights, length);
    return { isOnHost: false, range, weights, memory };
  }

  /** Null where the optimizer has no kernel for it, or there is no room. */
  async #onHost(memory: KernelMemory, range: Range): Promise<OnHost | null> {
    const optimizer = this.#canLend ? await vectorized(this.#config, memory) : null;
    const update = optimizer && HostUpdate.in(memory, optimizer, rangeLength(range));
    return update && { isOnHost: true, range, weights: [], memory: update };
  }

  async #lend(values: VariableValues, home: Float32Array): Promise<void> {
    this.#home = home;
    await values.lend(this.#trainable, home);
  }

  /** Has the optimizer work on something else, with the weights and what it remembers as they were. */
  async #move(values: VariableValues, make: () => Promise<Optimized>): Promise<void> {
    const former = this.#optimized;
    const weights = await this.#readAll(values);
    const slots = former.memory.isThere ? await former.memory.read(values) : null;
    await former.memory.destroy(values);
    if (former.weights !== this.#trainable) await values.destroy(former.weights);
    this.#optimized = await make();
    await this.#writeAll(values, weights);
    if (slots === null) return;
    const { range, memory } = this.#optimized;
    await memory.write(values, slotsOfRange(slots, former.range, range, this.#optimizer));
  }
}
