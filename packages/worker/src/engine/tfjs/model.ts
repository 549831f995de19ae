import type { Batch, Range } from '@lockstep/core/data';
import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import { checkLabels, type Loss } from '../../loss/index.js';
import type { Metric } from '../../metric/index.js';
import { type BuiltModel, buildModel } from '../../model/index.js';
import { checkBatch, checkDataset, checkLength, checkPrecision } from '../checks.js';
import type {
  GradientResult,
  LoadedModel,
  LoadOptions,
  ModelState,
  Moment,
  Parameter,
} from '../engine.js';
import { metricSums, noSums } from '../metricSums.js';
import { piecesOf } from '../pieces.js';
import { useBackend } from './backend.js';
import { HostState } from './hostState.js';
import { scaleImages } from './images.js';
import { explainMissingKernel } from './missingKernel.js';
import type { BatchSums, CreateNetwork, Network } from './network.js';

/** Builds a model on a started TensorFlow.js backend; see LoadedModel for what its methods promise. */
export async function loadTfjsModel(
  backend: string,
  spec: ModelSpec,
  options: LoadOptions,
  createNetwork: CreateNetwork,
): Promise<LoadedModel> {
  const { seed, optimizer, imageShape, precision } = options;
  checkPrecision(backend, precision);
  useBackend(backend);
  const built = await buildModel(spec, seed);
  const network = createNetwork(built);
  try {
    checkDataset(spec.name, built, options);
  } catch (thrown) {
    network.dispose();
    throw thrown;
  }
  const host = new HostState(built.initialWeights, built.gradientLength, optimizer);
  network.write(host.weights);
  return new TfjsModel(network, host, built, imageShape, (thrown) =>
    explainMissingKernel(backend, spec.name, thrown),
  );
}

class TfjsModel implements LoadedModel {
  readonly parameters: readonly Parameter[];
  readonly gradientLength: number;
  readonly factors = null;
  readonly #network: Network;
  readonly #host: HostState;
  readonly #loss: Loss;
  readonly #metrics: readonly Metric[];
  readonly #units: number;
  readonly #imageShape: LoadOptions['imageShape'];
  #ownGradient: Float32Array | null = null;
  #ownPiece: Float32Array | null = null;
  #disposed = false;

  constructor(
    network: Network,
    host: HostState,
    { parameters, gradientLength, loss, metrics, units }: BuiltModel,
    imageShape: LoadOptions['imageShape'],
    private readonly explain: (thrown: unknown) => unknown,
  ) {
    this.parameters = parameters;
    this.gradientLength = gradientLength;
    this.#network = network;
    this.#host = host;
    this.#loss = loss;
    this.#metrics = metrics;
    this.#units = units;
    this.#imageShape = imageShape;
  }

  async gradients(
    batch: Batch,
    moment: Moment,
    gradient = this.#gradient(),
    pieces = 1,
  ): Promise<GradientResult> {
    this.#check(batch);
    checkLength('gradient', gradient, this.gradientLength);
    if (batch.size === 0) gradient.fill(0);
    if (pieces === 1) return { gradient, metrics: await this.#fill(gradient, batch, moment) };
    gradient.fill(0);
    this.#ownPiece ??= new Float32Array(this.gradientLength);
    const own = this.#ownPiece;
    let metrics = noSums(this.#metrics);
    for (const piece of piecesOf(batch, moment, pieces, this.#imageShape)) {
      metrics = addMetrics(metrics, await this.#fill(own, piece.batch, piece.moment));
      for (let i = 0; i < own.length; i++) gradient[i]! += piece.weight * own[i]!;
    }
    return { gradient, metrics };
  }

  async apply(gradient: Float32Array, learningRate: number): Promise<void> {
    this.#host.apply(gradient, learningRate);
    this.#network.write(this.#host.weights);
  }

  async shardOptimizer(range: Range): Promise<void> {
    this.#host.shard(range);
  }

  /** It has the weights where it computes with them. */
  async moveIn(): Promise<void> {}

  async applyShard(
    gradient: Float32Array,
    learningRate: number,
    into: Float32Array,
  ): Promise<void> {
    this.#host.applyShard(gradient, learningRate, into);
  }

  async writeTrainable(weights: Float32Array): Promise<void> {
    this.#host.writeTrainable(weights);
    this.#network.write(this.#host.weights);
  }

  async step(batch: Batch, moment: Moment, learningRate: number): Promise<MetricSums> {
    const { gradient, metrics } = await this.gradients(batch, moment);
    await this.apply(gradient, learningRate);
    return metrics;
  }

  async evaluate(batch: Batch): Promise<MetricSums> {
    this.#check(batch);
    return this.#sums(batch, (images, shape) =>
      this.#network.evaluate(images, shape, batch.labels),
    );
  }

  async predict(batch: Pick<Batch, 'size' | 'images'>): Promise<Float32Array> {
    checkBatch(batch, this.#imageShape);
    if (batch.size === 0) return new Float32Array(0);
    return this.#network.predict(scaleImages(batch.images), [batch.size, ...this.#imageShape]);
  }

  async readState(): Promise<ModelState> {
    return this.#host.read();
  }

  async readWeights(): Promise<Float32Array> {
    return this.#host.weights.slice();
  }

  async writeState(state: ModelState): Promise<void> {
    this.#host.write(state);
    this.#network.write(this.#host.weights);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#network.dispose();
  }

  /** Of those who bring none: a rank whose gradients go elsewhere never needs it. */
  #gradient(): Float32Array {
    this.#ownGradient ??= new Float32Array(this.gradientLength);
    return this.#ownGradient;
  }

  #fill(gradient: Float32Array, batch: Batch, moment: Moment): Promise<MetricSums> {
    return this.#sums(batch, (images, shape) =>
      this.#network.gradients(images, shape, batch.labels, gradient, moment),
    );
  }

  #check(batch: Batch): void {
    checkBatch(batch, this.#imageShape);
    checkLabels(batch.labels, this.#loss, this.#units);
  }

  /** A batch of size 0 has sums of 0 without a look at the network: convolutions refuse empty tensors. */
  async #sums(
    batch: Batch,
    compute: (images: Float32Array, shape: number[]) => BatchSums | Promise<BatchSums>,
  ): Promise<MetricSums> {
    if (batch.size === 0) return noSums(this.#metrics);
    const shape = [batch.size, ...this.#imageShape];
    try {
      const { loss, measured } = await compute(scaleImages(batch.images), shape);
      return metricSums(this.#metrics, loss, measured, batch.size);
    } catch (thrown) {
      throw this.explain(thrown);
    }
  }
}
