import { type Batch, imageSizeOf } from '@lockstep/core/data';
import type { MetricSums } from '@lockstep/core/metrics';
import type { FactoredKernel, FactorPlaces, FactorProduct } from '@lockstep/core/reducer';
import type { CapturedFunction, Feeds, Results } from '@lockstep/tensorflow';
import { checkLength } from '../checks.js';
import type { GradientFactors, Moment, Parameter } from '../engine.js';
import { useBackend } from '../tfjs/backend.js';
import {
  deltasName,
  type FunctionOptions,
  factoredGradients,
  factorProducts,
  inputsName,
  productName,
  trainableOf,
} from './functions.js';
import { gradientName } from './passes.js';

/** How the model runs what is captured of it. */
export interface FactorRuns {
  /** A pass of training; INTERNAL where it does not give all of what is to be filled in. */
  train(
    captured: CapturedFunction,
    batch: Batch,
    moment: Moment,
    into: Results,
  ): Promise<MetricSums>;
  run(captured: CapturedFunction, feeds: Feeds, into: Results): Promise<Results>;
}

interface Keyed {
  readonly key: string;
  readonly captured: CapturedFunction;
}

/** A trainable matrix, and which of the trainable parameters it is. */
interface Matrix extends FactoredKernel {
  readonly index: number;
}

/** The gradients of Dense kernels as factors: the inputs of the product by which the graph would compute them. */
export class GraphFactors implements GradientFactors {
  readonly #trainable: readonly Parameter[];
  /** What was captured last, and of what: the same for all steps of a membership. */
  #gradients: Keyed | null = null;
  #products: Keyed | null = null;

  constructor(
    private readonly options: FunctionOptions,
    private readonly runs: FactorRuns,
  ) {
    this.#trainable = trainableOf(options.built);
  }

  async kernelsFor(
    samples: number,
    isWanted: (kernel: FactoredKernel) => boolean,
  ): Promise<readonly FactoredKernel[]> {
    const { space, imageShape } = this.options;
    const wanted = this.#matrices().filter(isWanted);
    // Of a GPU's memory, ranks see nothing.
    if (wanted.length === 0 || space.tensorflow.isUsingGpu) return [];
    // Batches of other sizes are to come: a captured function keeps the graphs of so many sizes only.
    this.#gradients = null;
    useBackend('tensorflow');
    const given = this.#gradientsFor(wanted).prepare({
      images: new Uint8Array(samples * imageSizeOf(imageShape)),
      labels: new Uint8Array(samples),
      counter: new Int32Array(2),
    });
    return wanted
      .filter(({ index }) => given?.includes(inputsName(index)))
      .map(({ offset, rows, columns }) => ({ offset, rows, columns }));
  }

  async gradients(
    batch: Batch,
    moment: Moment,
    { factors, rest }: FactorPlaces,
  ): Promise<MetricSums> {
    if (batch.size === 0) rest.fill(0);
    const captured = this.#gradientsFor(factors.map(({ kernel }) => kernel));
    return this.runs.train(captured, batch, moment, placesOf(this.#trainable, rest, factors));
  }

  async multiply(products: readonly FactorProduct[]): Promise<void> {
    if (products.length === 0) return;
    const feeds = products.flatMap(({ inputs, deltas }, i) => [
      [inputsName(i), inputs],
      [deltasName(i), deltas],
    ]);
    const into = products.map((product, i) => [productName(i), product.into]);
    await this.runs.run(
      this.#productsFor(products),
      Object.fromEntries(feeds) as Feeds,
      Object.fromEntries(into) as Results,
    );
  }

  #gradientsFor(kernels: readonly FactoredKernel[]): CapturedFunction {
    const offsets = kernels.map(({ offset }) => offset);
    const key = offsets.join();
    if (this.#gradients?.key !== key) {
      this.#gradients = { key, captured: factoredGradients(this.options, new Set(offsets)) };
    }
    return this.#gradients.captured;
  }

  #productsFor(products: readonly FactorProduct[]): CapturedFunction {
    const key = products
      .map(({ kernel, elements: { begin, end } }) => `${kernel.offset}:${begin}-${end}`)
      .join();
    if (this.#products?.key !== key) {
      this.#products = { key, captured: factorProducts(this.options, products) };
    }
    return this.#products.captured;
  }

  #matrices(): Matrix[] {
    return this.#trainable.flatMap(({ offset, shape }, index) => {
      const [rows, columns, ...more] = shape;
      if (rows === undefined || columns === undefined || more.length > 0) return [];
      return [{ index, offset, rows, columns }];
    });
  }
}

/**
 * Where each part of a gradient goes, by its name among what is fetched: from TensorFlow's memory straight to its place.
 * Joined in the graph, all would be moved twice.
 *
 * @param rest the gradients of which there are no factors, in the order of the parameters
 */
export function placesOf(
  trainable: readonly Parameter[],
  rest: Float32Array,
  factors: FactorPlaces['factors'] = [],
): Results {
  const byOffset = new Map(factors.map((each) => [each.kernel.offset, each]));
  const places: Results = {};
  let begin = 0;
  for (const [index, { offset, length }] of trainable.entries()) {
    const factored = byOffset.get(offset);
    if (factored === undefined) {
      places[gradientName(index)] = rest.subarray(begin, begin + length);
      begin += length;
    } else {
      places[inputsName(index)] = factored.inputs;
      places[deltasName(index)] = factored.deltas;
    }
  }
  checkLength('gradient', rest, begin);
  return places;
}
