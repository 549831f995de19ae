import type { Batch, EvaluationSplit, Range } from '../dataset.js';

/** Where a rank takes its samples from: its own copy of the dataset, or the coordinator. */
export interface SampleSource {
  /**
   * Says which ranges `train` will be asked for, in this order, so that they can be fetched ahead. A plan
   * replaces the one before it. It is a promise to nobody: other ranges may be asked for, only slower.
   */
  plan(epoch: number, ranges: readonly Range[]): void;
  /** @param range positions in the epoch's permuted order */
  train(epoch: number, range: Range): Promise<Batch>;
  /** @param range positions in a split that is evaluated on, in its natural order */
  evaluation(split: EvaluationSplit, range: Range): Promise<Batch>;
}
