import type { Batch } from '@lockstep/core/data';
import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import {
  alignedFloats,
  CapturedFunction,
  type CaptureOptions,
  type Feeds,
  type Graph,
  GraphSpace,
  type Output,
  type Signature,
  type TensorFlow,
  type TensorFunction,
} from '@lockstep/tensorflow';
import { checkLabels } from '../../loss/index.js';
import { type BuiltModel, buildModel } from '../../model/index.js';
import { checkBatch, checkImageShape, checkLength } from '../checks.js';
import type {
  GradientResult,
  LoadedModel,
  LoadOptions,
  ModelState,
  Moment,
  Parameter,
} from '../engine.js';
import { metricSums } from '../metricSums.js';
import { piecesOf } from '../pieces.js';
import { useBackend } from '../tfjs/backend.js';
import { evaluationPass, gradientName, gradientPass, predictionPass, workOf } from './passes.js';
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
  { seed, optimizer, imageShape, precision = 'float32' }: LoadOptions,
  options: GraphOptions,
): Promise<LoadedModel> {
  useBackend('tensorflow');
  const built = await buildModel(spec, seed);
  const { tensorflow, threads } = options;
  const plan = tensorflow.isUsingGpu ? wholeBatches(threads) : planTowers(threads, workOf(built));
  const intraOpThreads = plan.threadsOfOp;
  const space = new GraphSpace(tensorflow, { precision, intraOpThreads, interOpThreads: threads });
  try {
    checkImageShape(spec.name, built.inputShape, imageShape);
    const weights = await GraphWeights.create(space, built, optimizer);
    return new GraphModel(space, built, weights, imageShape, plan, options);
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
  readonly #space: GraphSpace;
  readonly #built: BuiltModel;
  readonly #weights: GraphWeights;
  readonly #imageShape: LoadOptions['imageShape'];
  readonly #trainable: readonly Parameter[];
  readonly #gradients: CapturedFunction;
  readonly #addGradients: CapturedFunction;
  readonly #apply: CapturedFunction;
  readonly #step: CapturedFunction;
  readonly #evaluate: CapturedFunction;
  readonly #predict: CapturedFunction;
  readonly #onDispose: () => void;
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
    const trainable = built.parameters.filter((parameter) => parameter.trainable);
    this.#trainable = trainable;
    this.parameters = built.parameters;
    this.gradientLength = built.gradientLength;
    this.#space = space;
    this.#built = built;
    this.#onDispose = onDispose;
    this.#weights = weights;
    this.#imageShape = imageShape;
    const images: Signature = { images: { dtype: 'uint8', shape: [null, ...imageShape] } };
    const samples: Signature = { ...images, labels: { dtype: 'uint8', shape: [null] } };
    const moments: Signature = { ...samples, counter: { dtype: 'int32', shape: [2] } };
    const rates: Signature = Object.fromEntries(
      weights.scalarNames.map((name) => [name, { dtype: 'float32', shape: [] }]),
    );
    const flat: Signature = {
      gradient: { dtype: 'float32', shape: [this.gradientLength], isLent: true },
    };
    const capture = (name: string, work: TensorFunction, options: Partial<CaptureOptions>) =>
      new CapturedFunction(space, work, {
        name,
        inputs: {},
        onFallback: ({ message }) => onFallback(name, message),
        ...options,
      });
    const gradientsOf = (values: Readonly<Record<string, Output>>) =>
      trainable.map((_, i) => values[gradientName(i)]!);
    const named = (gradients: readonly Output[]) =>
      Object.fromEntries(gradients.map((gradient, i) => [gradientName(i), gradient]));
    const training = gradientPass(built, plan);
    this.#gradients = capture('gradients', training, {
      inputs: moments,
      finish: (_, values) => ({
        fetches: { sums: values.sums!, ...named(gradientsOf(values)) },
      }),
    });
    this.#addGradients = capture('piece', training, {
      inputs: { ...moments, weight: { dtype: 'float32', shape: [] } },
      finishInputs: flat,
      finish: (graph, values) => {
        const sums = split(graph, values.gradient!, trainable);
        const added = gradientsOf(values).map((each, i) => graph.node('AddV2', [sums[i]!, each]));
        return { fetches: { sums: values.sums!, ...named(added) } };
      },
    });
    this.#apply = capture('apply', () => ({}), {
      finishInputs: { ...flat, ...rates },
      finish: (graph, values, reads) => ({
        fetches: {},
        targets: weights.update(graph, split(graph, values.gradient!, trainable), values, reads),
      }),
    });
    this.#step = capture('step', training, {
      inputs: moments,
      finishInputs: rates,
      finish: (graph, values, reads) => ({
        fetches: { sums: values.sums! },
        targets: weights.update(graph, gradientsOf(values), values, reads),
      }),
    });
    this.#evaluate = capture('evaluate', evaluationPass(built, plan), { inputs: samples });
    this.#predict = capture('predict', predictionPass(built), { inputs: images });
  }

  async gradients(
    batch: Batch,
    moment: Moment,
    gradient = this.#gradient(),
    pieces = 1,
  ): Promise<GradientResult> {
    this.#check(batch);
    checkLength('gradient', gradient, this.gradientLength);
    if (batch.size === 0) return { gradient: gradient.fill(0), metrics: metricSums(0, 0, 0) };
    const into = this.#placesIn(gradient);
    if (pieces === 1) {
      const { sums } = await this.#run(this.#gradients, trainingFeeds(batch, moment), into);
      return { gradient, metrics: sumsOf(sums!, batch) };
    }
    gradient.fill(0);
    let metrics = metricSums(0, 0, 0);
    for (const piece of piecesOf(batch, moment, pieces, this.#imageShape)) {
      const feeds = { ...trainingFeeds(piece.batch, piece.moment), gradient };
      const weight = Float32Array.of(piece.weight);
      const { sums } = await this.#run(this.#addGradients, { ...feeds, weight }, into);
      metrics = addMetrics(metrics, sumsOf(sums!, piece.batch));
    }
    return { gradient, metrics };
  }

  async apply(gradient: Float32Array, learningRate: number): Promise<void> {
    checkLength('gradient', gradient, this.gradientLength);
    await this.#weights.counting(learningRate, (scalars) =>
      this.#run(this.#apply, { gradient, ...scalars }),
    );
  }

  async step(batch: Batch, moment: Moment, learningRate: number): Promise<MetricSums> {
    this.#check(batch);
    if (batch.size === 0) {
      await this.apply(this.#gradient().fill(0), learningRate);
      return metricSums(0, 0, 0);
    }
    const { sums } = await this.#weights.counting(learningRate, (scalars) =>
      this.#run(this.#step, { ...trainingFeeds(batch, moment), ...scalars }),
    );
    return sumsOf(sums!, batch);
  }

  async evaluate(batch: Batch): Promise<MetricSums> {
    this.#check(batch);
    if (batch.size === 0) return metricSums(0, 0, 0);
    const { images, labels } = batch;
    const { sums } = await this.#run(this.#evaluate, { images, labels });
    return sumsOf(sums!, batch);
  }

  async predict(batch: Pick<Batch, 'size' | 'images'>): Promise<Float32Array> {
    checkBatch(batch, this.#imageShape);
    if (batch.size === 0) return new Float32Array(0);
    const { outputs } = await this.#run(this.#predict, { images: batch.images });
    return outputs as Float32Array;
  }

  readState(): Promise<ModelState> {
    return this.#weights.read();
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

  /**
   * Each part of the gradient goes from TensorFlow's memory straight to its place: joined in the graph, all would
   * be moved twice.
   */
  #placesIn(gradient: Float32Array): Record<string, Float32Array> {
    const places = this.#trainable.map(({ offset, length }, i) => [
      gradientName(i),
      gradient.subarray(offset, offset + length),
    ]);
    return Object.fromEntries(places) as Record<string, Float32Array>;
  }

  #run(captured: CapturedFunction, feeds: Feeds, into?: Record<string, Float32Array>) {
    // A function that is not captured yet is captured now, before anything is awaited.
    useBackend('tensorflow');
    return captured.run(feeds, into);
  }

  #check(batch: Batch): void {
    checkBatch(batch, this.#imageShape);
    checkLabels(batch.labels, this.#built.classes);
  }
}

const trainingFeeds = ({ images, labels }: Batch, { step, position }: Moment): Feeds => ({
  images,
  labels,
  counter: Int32Array.of(position, step),
});

const sumsOf = (sums: ArrayLike<number>, { size }: Batch): MetricSums =>
  metricSums(sums[0]!, sums[1]!, size);

/** The gradient of each parameter. Slices of whole cache lines are no copies. */
function split(graph: Graph, flat: Output, parameters: readonly Parameter[]): Output[] {
  return parameters.map(({ offset, length, shape }) => {
    const slice = graph.node('Slice', [flat, graph.int32(offset), graph.int32(length)]);
    return graph.node('Reshape', [slice, graph.int32(...shape)]);
  });
}
