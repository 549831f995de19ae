import type { OptimizerConfig, Precision } from '@lockstep/core';
import type { Batch, Range } from '@lockstep/core/data';
import type { MetricSums } from '@lockstep/core/metrics';
import type { ModelSpec } from '@lockstep/core/model';
import type {
  FactoredKernel,
  FactorPlaces,
  FactorProduct,
  KernelMemory,
} from '@lockstep/core/reducer';

/** What an engine says of itself; nothing downstream asks further which one runs. */
export interface EngineDescription {
  readonly name: string;
  /** For people: `cpu (JavaScript)`, `wasm (SIMD)`. */
  readonly device: string;
}

/** One weight of the model and where it lies in the flat arrays. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** Offset and length in elements, in `ModelState.weights`. */
  readonly offset: number;
  readonly length: number;
}

/** Everything that must survive a restart: all weights, and the optimizer's state. */
export interface ModelState {
  /** All weights in the model's order, flat, float32. */
  readonly weights: Float32Array;
  readonly optimizer: OptimizerState;
}

interface OptimizerState {
  /** Updates applied so far. */
  readonly iterations: number;
  /**
   * By slot name (`momentum`, `velocity`, ...), float32: as long as the flat gradient, or, where the optimizer is
   * sharded, as this rank's part of it.
   */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** When a batch is trained. What a sample's dropout depends on, together with the run's seed. */
export interface Moment {
  /** Counts over all epochs, from 0 to 2^31 - 1. */
  readonly step: number;
  /** Of the batch's first sample in the epoch's permuted order, from 0 to 2^31 - 1; the rest follow it. */
  readonly position: number;
}

export interface GradientResult {
  /**
   * Mean gradient over the batch, flat, trainable parameters in order: the array that was given, or else one
   * that is valid until the next call.
   */
  readonly gradient: Float32Array;
  /** Sums over the batch: `loss` and `accuracy`. */
  readonly metrics: MetricSums;
}

export interface LoadOptions {
  /** Of the initial weights and of dropout: the same seed gives the same ones, on any machine. */
  readonly seed: number;
  readonly optimizer: OptimizerConfig;
  /** Height, width, channels of an image. */
  readonly imageShape: readonly [number, number, number];
  /** The dataset's: MODEL_MISMATCH where the model tells fewer apart. By default each batch is asked. */
  readonly classes?: number;
  /** Of the matrix work; by default float32. ENGINE_UNAVAILABLE where the engine has it not. */
  readonly precision?: Precision;
}

/**
 * A model with its optimizer, inside an engine. Flat arrays go in and out, tensors never do, so that an
 * engine is free to keep weights and optimizer state in a captured graph.
 */
export interface LoadedModel {
  readonly parameters: readonly Parameter[];
  /** Elements of the flat gradient. */
  readonly gradientLength: number;
  /**
   * Forward and backward, with dropout: its masks are the same on every engine, and however a batch is split.
   * A batch of size 0 gives a gradient of zeros and sums of 0.
   *
   * @param into where the gradient is to be put: `gradientLength` elements, not to be touched until the promise
   *   settles
   * @param pieces in how many parts the batch is computed, one after the other, so that no more activations are
   *   in memory than those of one part; the result is the same within float32 rounding. By default 1
   */
  gradients(
    batch: Batch,
    moment: Moment,
    into?: Float32Array,
    pieces?: number,
  ): Promise<GradientResult>;
  /** Large gradients as their factors; null where the engine gives them whole only. */
  readonly factors: GradientFactors | null;
  /**
   * One optimizer update with an (averaged) gradient. It is read where it lies: it must not be written until the
   * promise settles, and is not looked at afterwards.
   */
  apply(gradient: Float32Array, learningRate: number): Promise<void>;
  /**
   * From now on this model updates a part of the flat trainable weights alone, and keeps optimizer state of that
   * part only: `apply` and `step` are refused. What it had of the part is kept; what it had not is as at the
   * start, until `writeState` brings it. Nothing else may be asked for meanwhile. Rajbhandari et al. 2020, "ZeRO:
   * memory optimizations toward training trillion parameter models", stage 1: https://arxiv.org/abs/1910.02054
   *
   * @param range may be empty; another one may follow
   * @param home where to keep the trainable weights from now on, where the engine can; by default they are in memory of
   *   the model's own, and go back there
   */
  shardOptimizer(range: Range, home?: Home): Promise<void>;
  /**
   * Of a model whose optimizer is not sharded: from now on it may keep its trainable weights, and what its optimizer
   * remembers, in this memory, in which the gradients for `apply` will lie. Null: in its own again, as it was. Nothing
   * else may be asked for meanwhile.
   */
  moveIn(memory: KernelMemory | null): Promise<void>;
  /**
   * One update of the own part. The network computes with its former weights until `writeTrainable`, before which
   * it is of no other use.
   *
   * @param gradient of the own part; as `apply` has it
   * @param into receives the part's new weights
   */
  applyShard(gradient: Float32Array, learningRate: number, into: Float32Array): Promise<void>;
  /**
   * Copies in all trainable weights, put together from the ranks' parts: of its own, they have what `applyShard`
   * gave.
   */
  writeTrainable(weights: Float32Array): Promise<void>;
  /** `gradients` and `apply` in one, for a world of one: the gradient need not leave the engine. */
  step(batch: Batch, moment: Moment, learningRate: number): Promise<MetricSums>;
  /** Sums of `loss` and `accuracy` over the batch, in inference mode. */
  evaluate(batch: Batch): Promise<MetricSums>;
  /** Model outputs, `[size, classes]` flat, in inference mode. */
  predict(batch: Pick<Batch, 'size' | 'images'>): Promise<Float32Array>;
  /** A copy; safe to keep and to send. */
  readState(): Promise<ModelState>;
  /** The same, of the weights alone: ranks compare them often, and an optimizer may have twice as much beside them. */
  readWeights(): Promise<Float32Array>;
  /**
   * Copies in. Lengths must match: CHECKPOINT_MISMATCH otherwise. Where the optimizer is sharded, slots of all
   * trainable weights will do (a checkpoint's), of which it keeps its part.
   */
  writeState(state: ModelState): Promise<void>;
  dispose(): void;
}

/**
 * The gradient of a Dense layer's kernel is the product of what the layer was given and the gradient of what it gave;
 * see FactorExchange of the reducers for what that is good for.
 */
export interface GradientFactors {
  /**
   * Of the kernels that are wanted, those whose gradients come as factors of batches of up to so many samples; in the
   * order of their offsets. An engine that captures its passes does so now.
   */
  kernelsFor(
    samples: number,
    isWanted: (kernel: FactoredKernel) => boolean,
  ): Promise<readonly FactoredKernel[]>;
  /**
   * As `gradients` of the model, but where it is wanted as factors, that is what a gradient is put as. Their product is
   * the mean gradient.
   *
   * @param into for some of the kernels that `kernelsFor` gave; not to be touched until the promise settles
   * @throws INTERNAL where a gradient that is wanted as factors is no product
   */
  gradients(batch: Batch, moment: Moment, into: FactorPlaces): Promise<MetricSums>;
  /** Parts of products, within the precision of the model's matrix work. */
  multiply(products: readonly FactorProduct[]): Promise<void>;
}

/** Memory that gradients are averaged in, of which an optimizer may have a part. */
export interface Home {
  readonly memory: KernelMemory;
  /**
   * Room for the trainable weights, in that memory. `writeTrainable` of this very array copies nothing. Other ranks may
   * write the same weights there.
   */
  readonly weights: Float32Array;
}

/** Computes; implementations are chosen once, by name, in the registry. */
export interface Engine {
  readonly description: EngineDescription;
  /** Builds the topology with weights initialised from the seed. */
  load(model: ModelSpec, options: LoadOptions): Promise<LoadedModel>;
  dispose(): Promise<void>;
}

/** How an engine is to compute, where it gives the choice. */
export interface EngineOptions {
  /** Threads that compute at once; by default one per core. Engines with a single thread keep to that. */
  readonly threads?: number;
  /** `cpu` hides all GPUs; else as `CUDA_VISIBLE_DEVICES` names a GPU. By default what the engine finds. */
  readonly device?: string;
  /** With a GPU: go on without it where it cannot be had. */
  readonly allowCpu?: boolean;
}

/** How an engine came to be chosen, and what is asked of it. */
export interface EngineChoice extends EngineOptions {
  /** By Lockstep, not by name: an engine that would only be slower than the next one steps back. */
  readonly automatic: boolean;
}

/** How the registry knows an engine before it is started. */
export interface EngineFactory {
  readonly name: string;
  /** On what it computes: a processor, a GPU that it chooses itself, or the device that it is given. */
  readonly runsOn: 'cpu' | 'gpu' | 'any';
  /** Starts it, or throws ENGINE_UNAVAILABLE with the reason it does not work here. */
  create(choice: EngineChoice): Promise<Engine>;
}
