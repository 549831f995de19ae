import { LockstepError } from '@lockstep/core';
import { assertWithin, type Batch, type Range, rangeLength } from '@lockstep/core/data';
import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import type { KernelMemory } from '@lockstep/core/reducer';
import {
  alignedFloats,
  type CapturedFunction,
  type Feeds,
  GraphSpace,
  type Results,
  type TensorFlow,
} from '@lockstep/tensorflow';
import { checkLabels } from '../../loss/index.js';
import { type BuiltModel, buildModel } from '../../model/index.js';
import { checkBatch, checkDataset, checkLength, checkSharded, checkWhole } from '../checks.js';
import type {
  GradientResult,
  Home,
  LoadedModel,
  LoadOptions,
  ModelState,
  Moment,
  Parameter,
} from '../engine.js';
import { metricSums, noSums } from '../metricSums.js';
import { piecesOf } from '../pieces.js';
import { useBackend } from '../tfjs/backend.js';
import { GraphFactors, placesOf } from './factors.js';
import {
  type FunctionOptions,
  type ModelFunctions,
  modelFunctions,
  ownUpdate,
  trainableOf,
} from './functions.js';
import { workOf } from './passes.js';
import { type Plan, planTowers, wholeBatches } from './towers.js';
import { GraphWeights } from './weights.js';

/** What the engine gives each of its models. */
export interface GraphOptions {
  readonly tensorflow: TensorFlow;
  /** Of this process; a GPU wants each batch whole. */
  readonly threads: number;
  /** A pass of the model that cannot be captured, and why; it is run op by op. */
  readonly onFallback: (name: string, reason: string) => void;
  /** The model is not in use any more: what still refers to it would keep its memory. */
  readonly onDispose: () => void;
}

/** Builds a model whose weights and passes live in one graph; see LoadedModel for what its methods promise. */
export async function loadGraphModel(
  spec: ModelSpec,
  options: LoadOptions,
  surroundings: GraphOptions,
): Promise<LoadedModel> {
  const { seed, optimizer, imageShape, precision = 'float32' } = options;
  useBackend('tensorflow');
  const built = await buildModel(spec, seed);
  const { tensorflow, threads } = surroundings;
  const plan = tensorflow.isUsingGpu ? wholeBatches(threads) : planTowers(threads, workOf(built));
  const intraOpThreads = plan.threadsOfOp;
  const space = new GraphSpace(tensorflow, { precision, intraOpThreads, interOpThreads: threads });
  try {
    checkDataset(spec.name, built, options);
    const weights = await GraphWeights.create(space, built, optimizer);
    return new GraphModel(space, built, weights, imageShape, plan, surroundings);
  } catch (thrown) {
    useBackend('tensorflow');
    built.network.dispose();
    await space.delete();
    throw thrown;
  }
}

class GraphModel implements LoadedModel {
  readonly parameters: readonly Parameter[];
  readonly gradientLength: number;
  readonly factors: GraphFactors;
  readonly #space: GraphSpace;
  readonly #built: BuiltModel;
  readonly #weights: GraphWeights;
  readonly #imageShape: LoadOptions['imageShape'];
  readonly #trainable: readonly Parameter[];
  readonly #functionOptions: FunctionOptions;
  readonly #functions: ModelFunctions;
  readonly #onDispose: () => void;
  #ownUpdate: CapturedFunction | null = null;
  #ownGradient: Float32Array | null = null;
  #disposed = false;

  constructor(
    space: GraphSpace,
    built: BuiltModel,
    weights: GraphWeights,
    imageShape: LoadOptions['imageShape'],
    plan: Plan,
    { onFallback, onDispose }: GraphOptions,
  ) {
    this.#trainable = trainableOf(built);
    this.parameters = built.parameters;
    this.gradientLength = built.gradientLength;
    this.#space = space;
    this.#built = built;
    this.#onDispose = onDispose;
    this.#weights = weights;
    this.#imageShape = imageShape;
    this.#functionOptions = { space, built, weights, imageShape, plan, onFallback };
    this.#functions = modelFunctions(this.#functionOptions);
    this.factors = new GraphFactors(this.#functionOptions, {
      train: (captured, ...given) => this.#train(captured, ...given),
      run: (captured, feeds, into) => this.#run(captured, feeds, into),
    });
  }

  async gradients(
    batch: Batch,
    moment: Moment,
    gradient = this.#gradient(),
    pieces = 1,
  ): Promise<GradientResult> {
    const into = placesOf(this.#trainable, gradient);
    if (pieces === 1 || batch.size === 0) {
      if (batch.size === 0) gradient.fill(0);
      const metrics = await this.#train(this.#functions.gradients, batch, moment, into);
      return { gradient, metrics };
    }
    this.#check(batch);
    gradient.fill(0);
    let metrics = this.#noSums();
    for (const piece of piecesOf(batch, moment, pieces, this.#imageShape)) {
      const feeds = { ...trainingFeeds(piece.batch, piece.moment), gradient };
      const weight = Float32Array.of(piece.weight);
      const { sums } = await this.#run(this.#functions.addGradients, { ...feeds, weight }, into);
      metrics = addMetrics(metrics, this.#sums(sums!, piece.batch));
    }
    return { gradient, metrics };
  }

  async apply(gradient: Float32Array, learningRate: number): Promise<void> {
    checkWhole(!this.#weights.isPart);
    checkLength('gradient', gradient, this.gradientLength);
    if (this.#weights.isOnHost) {
      await this.#weights.updateOnHost(gradient, learningRate);
      return;
    }
    await this.#weights.counting(learningRate, (scalars) =>
      this.#run(this.#functions.apply, { gradient, ...scalars }),
    );
  }

  async shardOptimizer(range: Range, home?: Home): Promise<void> {
    assertWithin(range, this.gradientLength);
    if (home !== undefined) checkLength('weights', home.weights, this.gradientLength);
    await this.#weights.shard(range, home);
    this.#ownUpdate = this.#weights.isOnHost ? null : ownUpdate(this.#functionOptions);
  }

  async moveIn(memory: KernelMemory | null): Promise<void> {
    checkWhole(!this.#weights.isPart);
    await this.#weights.moveIn(memory);
  }

  async applyShard(
    gradient: Float32Array,
    learningRate: number,
    into: Float32Array,
  ): Promise<void> {
    checkSharded(this.#weights.isPart);
    const length = rangeLength(this.#weights.own);
    checkLength('gradient', gradient, length);
    checkLength('weights', into, length);
    const update = this.#ownUpdate;
    if (update === null) {
      into.set(await this.#weights.updateOnHost(gradient, learningRate));
      return;
    }
    await this.#weights.counting(learningRate, (scalars) =>
      this.#run(update, { gradient, ...scalars }, { weights: into }),
    );
  }

  async writeTrainable(weights: Float32Array): Promise<void> {
    checkLength('weights', weights, this.gradientLength);
    await this.#weights.writeTrainable(weights);
  }

  async step(batch: Batch, moment: Moment, learningRate: number): Promise<MetricSums> {
    this.#check(batch);
    checkWhole(!this.#weights.isPart);
    if (batch.size === 0) {
      await this.apply(this.#gradient().fill(0), learningRate);
      return this.#noSums();
    }
    if (this.#weights.isOnHost) {
      const { gradient, metrics } = await this.gradients(batch, moment);
      await this.apply(gradient, learningRate);
      return metrics;
    }
    const { sums } = await this.#weights.counting(learningRate, (scalars) =>
      this.#run(this.#functions.step, { ...trainingFeeds(batch, moment), ...scalars }),
    );
    return this.#sums(sums!, batch);
  }

  async evaluate(batch: Batch): Promise<MetricSums> {
    this.#check(batch);
    if (batch.size === 0) return this.#noSums();
    const { images, labels } = batch;
    const { sums } = await this.#run(this.#functions.evaluate, { images, labels });
    return this.#sums(sums!, batch);
  }

  async predict(batch: Pick<Batch, 'size' | 'images'>): Promise<Float32Array> {
    checkBatch(batch, this.#imageShape);
    if (batch.size === 0) return new Float32Array(0);
    const { outputs } = await this.#run(this.#functions.predict, { images: batch.images });
    return outputs as Float32Array;
  }

  readState(): Promise<ModelState> {
    return this.#weights.read();
  }

  readWeights(): Promise<Float32Array> {
    return this.#weights.readWeights();
  }

  writeState(state: ModelState): Promise<void> {
    return this.#weights.write(state);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose();
    useBackend('tensorflow');
    this.#built.network.dispose();
    void this.#space.delete();
  }

  /** Of those who bring none: a rank whose gradients go elsewhere never needs it. */
  #gradient(): Float32Array {
    this.#ownGradient ??= alignedFloats(this.gradientLength);
    return this.#ownGradient;
  }

  /** A pass over a batch, by which all of `into` is filled; nothing is, where the batch is empty. */
  async #train(
    captured: CapturedFunction,
    batch: Batch,
    moment: Moment,
    into: Results,
  ): Promise<MetricSums> {
    this.#check(batch);
    if (batch.size === 0) return this.#noSums();
    const { sums, ...given } = await this.#run(captured, trainingFeeds(batch, moment), into);
    const missing = Object.keys(into).filter((name) => !Object.hasOwn(given, name));
    if (missing.length > 0) {
      throw new LockstepError('INTERNAL', `the pass does not give ${missing.join(', ')}`);
    }
    return this.#sums(sums!, batch);
  }

  #run(captured: CapturedFunction, feeds: Feeds, into?: Results) {
    // A function that is not captured yet is captured now, before anything is awaited.
    useBackend('tensorflow');
    return captured.run(feeds, into);
  }

  /** What the graph gives as `sums`: the loss, then the metrics. */
  #sums(sums: Feeds[string], { size }: Batch): MetricSums {
    return metricSums(this.#built.metrics, sums[0]!, sums.subarray(1), size);
  }

  #noSums(): MetricSums {
    return noSums(this.#built.metrics);
  }

  #check(batch: Batch): void {
    checkBatch(batch, this.#imageShape);
    checkLabels(batch.labels, this.#built.loss, this.#built.units);
  }
}

const trainingFeeds = ({ images, labels }: Batch, { step, position }: Moment): Feeds => ({
  images,
  labels,
  counter: Int32Array.of(position, step),
});
