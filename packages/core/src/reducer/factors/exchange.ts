import { type Range, rangeLength, rankSlice } from '../../data/index.js';
import { LockstepError } from '../../errors.js';
import type { KernelMemory } from '../kernels/kernelMemory.js';
import { weightedSum } from '../kernels/weightedSum.js';
import type { Reducer, ReducerOptions, SharedArrays } from '../reducer.js';
import type { FactoredKernel } from './kernel.js';
import { type FactorLayout, factorLayout } from './layout.js';
import { type OwnPart, ownPart } from './ownPart.js';

/** Where a rank puts its mean gradient, as factors. */
export interface FactorPlaces {
  readonly factors: readonly Factors[];
  /** The gradient without the kernels. */
  readonly rest: Float32Array;
}

/** `inputs` `[samples, rows]` and `deltas` `[samples, columns]`, whose product is the kernel's gradient. */
export interface Factors {
  readonly kernel: FactoredKernel;
  readonly inputs: Float32Array;
  readonly deltas: Float32Array;
}

/** Some elements of a kernel's gradient, to be computed of the factors of all samples. */
export interface FactorProduct extends Factors {
  readonly elements: Range;
  readonly into: Float32Array;
}

/** Fills in what each product has as `into`. What it reads lies where it is until the promise settles. */
export type Multiply = (products: readonly FactorProduct[]) => Promise<void>;

/** What all ranks of an exchange have in common, and which of them this one is. */
export interface ExchangeOptions extends Pick<ReducerOptions, 'rank' | 'worldSize'> {
  readonly gradientLength: number;
  /** Of a global batch, at most. */
  readonly samples: number;
  /** In the order of their offsets; the same on all ranks. At least one. */
  readonly kernels: readonly FactoredKernel[];
}

/**
 * Averages gradients without anybody having one of a large kernel: ranks that share memory put the factors of their
 * samples there, and each computes its own part of the product of all of them, which is the weighted sum of the ranks'
 * gradients. Of the rest, each adds up its part. (Sufficient factors: Xie et al. 2015, "Distributed machine learning
 * via sufficient factor broadcasting", https://arxiv.org/abs/1511.08486; here each rank needs a part alone.)
 *
 * In place of a reducer's `allReduce` and `reduceScatter`, of gradients whose weights are their samples; each is an
 * operation like those, between others.
 */
export class FactorExchange {
  readonly #layout: FactorLayout;
  readonly #own: OwnPart;
  readonly #shared: SharedArrays;
  readonly #memory: KernelMemory;

  /** @throws INTERNAL where the ranks share no memory, or too little */
  constructor(
    private readonly options: ExchangeOptions,
    private readonly reducer: Pick<Reducer, 'own' | 'memory' | 'shared'>,
    private readonly multiply: Multiply,
  ) {
    const { memory, shared, own } = reducer;
    this.#layout = factorLayout(options.kernels, options);
    if (memory === null || shared === null || this.#layout.length > shared.inputs.length) {
      throw new LockstepError(
        'INTERNAL',
        `no room to exchange ${this.#layout.length} elements of factors`,
      );
    }
    this.#memory = memory;
    this.#shared = shared;
    this.#own = ownPart(options.kernels, own);
  }

  /** Whose gradients nobody has whole. */
  get kernels(): readonly FactoredKernel[] {
    return this.options.kernels;
  }

  /** Where this rank puts its part of a global batch of so many samples. To be written as a reducer's `input` is. */
  places(globalSamples: number): FactorPlaces {
    const { rank, kernels } = this.options;
    const { inputs, deltas, rest, restLength } = this.#layout;
    const samples = this.#samplesOf(globalSamples)[rank]!;
    const rowsAt = (begin: number, width: number) =>
      this.#view(begin + samples.begin * width, rangeLength(samples) * width);
    return {
      factors: kernels.map((kernel, i) => ({
        kernel,
        inputs: rowsAt(inputs[i]!, kernel.rows),
        deltas: rowsAt(deltas[i]!, kernel.columns),
      })),
      rest: this.#view(rest[rank]!, restLength),
    };
  }

  /** As Reducer has it. */
  async allReduce(globalSamples: number): Promise<Float32Array> {
    await this.reduceScatter(globalSamples);
    await this.#shared.meet();
    return this.#shared.sum;
  }

  /** As Reducer has it. */
  async reduceScatter(globalSamples: number): Promise<Float32Array> {
    const weights = this.#samplesOf(globalSamples).map(
      (samples) => rangeLength(samples) / globalSamples,
    );
    const weight = weights[this.options.rank]!;
    for (const { deltas } of this.places(globalSamples).factors) {
      this.#memory.scale(deltas, deltas, weight);
    }
    await this.#shared.meet();
    const { begin, end } = this.reducer.own;
    const own = this.#shared.sum.subarray(begin, end);
    this.#addUp(own, weights);
    await this.multiply(this.#products(own, globalSamples));
    return own;
  }

  #addUp(own: Float32Array, weights: readonly number[]): void {
    const { rest } = this.#layout;
    for (const { rest: range, at } of this.#own.sums) {
      const length = rangeLength(range);
      const inputs = rest.map((begin) => this.#view(begin + range.begin, length));
      const into = own.subarray(at, at + length);
      weightedSum(this.#memory, into, inputs, weights, { begin: 0, end: length });
    }
  }

  #products(own: Float32Array, samples: number): FactorProduct[] {
    const { inputs, deltas } = this.#layout;
    return this.#own.products.map(({ kernel: index, elements, at }) => {
      const kernel = this.options.kernels[index]!;
      return {
        kernel,
        elements,
        inputs: this.#view(inputs[index]!, samples * kernel.rows),
        deltas: this.#view(deltas[index]!, samples * kernel.columns),
        into: own.subarray(at, at + rangeLength(elements)),
      };
    });
  }

  /** Which samples of a global batch are whose, by rank. */
  #samplesOf(globalSamples: number): Range[] {
    const { worldSize, samples } = this.options;
    if (globalSamples > samples) {
      throw new LockstepError('INTERNAL', `${globalSamples} samples where ${samples} are the most`);
    }
    const all = { begin: 0, end: globalSamples };
    return Array.from({ length: worldSize }, (_, rank) => rankSlice(all, rank, worldSize));
  }

  #view(begin: number, length: number): Float32Array {
    return this.#shared.inputs.subarray(begin, begin + length);
  }
}
