import { gather, imageSizeOf } from '../batch.js';
import type { Batch, Dataset, EvaluationSplit, Range } from '../dataset.js';
import { assertWithin } from '../range.js';
import { epochOrder } from './epochOrder.js';
import type { SampleSource } from './sampleSource.js';

/** Samples of a dataset that this process has loaded itself. */
export class LocalSamples implements SampleSource {
  readonly #dataset: Dataset;
  readonly #seed: number;
  readonly #imageSize: number;

  /** @param seed the run's seed, from which each epoch's order follows */
  constructor(dataset: Dataset, seed: number) {
    this.#dataset = dataset;
    this.#seed = seed;
    this.#imageSize = imageSizeOf(dataset.description.imageShape);
  }

  /** Nothing to fetch ahead: all samples are in memory. */
  plan(): void {}

  async train(epoch: number, range: Range): Promise<Batch> {
    const { train } = this.#dataset;
    assertWithin(range, train.size);
    const order = epochOrder(this.#dataset, this.#seed, epoch);
    return gather(train, this.#imageSize, order.subarray(range.begin, range.end));
  }

  async evaluation(split: EvaluationSplit, range: Range): Promise<Batch> {
    return gather(this.#dataset[split], this.#imageSize, range);
  }
}
