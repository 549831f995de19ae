import type { Range } from '../data/index.js';
import type { MetricSums } from '../metrics/index.js';
import type { FactorPlaces, ReducerName } from '../reducer/index.js';

/** One rank's part of one step. */
export interface Part {
  /** Counts over all epochs; a rank contributes once to each step, in order. */
  readonly step: number;
  /** How many samples the gradient is the mean of; 0 is legal (no part in a short last batch). */
  readonly samples: number;
  /** Samples of all ranks together, at least 1: this part counts by `samples / globalSamples`. */
  readonly globalSamples: number;
  readonly metrics: MetricSums;
  /** Of the same samples before the step, in inference mode; where that is asked for. */
  readonly logged?: MetricSums;
  /** The gradient is no number, nor will the average be; left out where it is, or where nobody looked. */
  readonly finite?: false;
  /** Whether the coordinator hears of it now, with what it has not heard of yet; or later. The same on all ranks. */
  readonly reports: boolean;
  /**
   * This rank's mean gradient, flat, float32. Not to be written to until the promise settles. Where it was put as
   * factors (see `factorPlaces`), it is not looked at.
   */
  readonly gradient: Float32Array;
}

/** What an all-reduce took. Milliseconds; see `RankPhase` of the protocol. */
type Spent = Readonly<Record<'reduce' | 'barrier', number>>;

export interface Average {
  /**
   * sum(n_r * g_r) / sum(n_r); valid until the next call, and may be the part's own array. Null: the coordinator
   * has stopped the ranks before this step, and it is not to be applied.
   */
  readonly gradient: Float32Array | null;
  /** Whether to go on to the next step, or to wait for further orders. */
  readonly proceed: boolean;
  readonly spent: Spent;
}

/**
 * Averages gradients over the ranks, weighted by samples, in an order that does not depend on timing, so that
 * the same ranks give the same bits. Every implementation passes the coordinator's barrier with the metrics of each
 * step: at once where the coordinator adds up, else after each step that `reports`.
 */
export interface Collective {
  readonly name: 'single' | 'star' | ReducerName;
  readonly isSharded: false;
  /**
   * Where the next part's gradient is best put, so that it need not be copied: as long as the gradient, and
   * another array from one call of `allReduce` to the next. Null where any memory is as good.
   */
  gradientBuffer(): Float32Array | null;
  /**
   * Where this rank's part of a global batch of so many samples is to be put instead, where the ranks exchange the
   * factors of gradients; null: they do not, and a flat gradient is wanted.
   */
  factorPlaces(globalSamples: number): FactorPlaces | null;
  /** @throws Halted when the step is given up before it is complete */
  allReduce(part: Part): Promise<Average>;
  /**
   * Reports what the coordinator has not heard of yet, and waits for what it says, where that may come later than the
   * average. To be called before a rank waits for further orders.
   *
   * @throws Halted
   */
  settled(): Promise<void>;
}

/**
 * The same for ranks that each update a part of the weights: every rank gets its part of the average, and then
 * all parts of the new weights.
 *
 * A rank that is lost takes its part of the new weights with it, and of the optimizer's state: those who are left go
 * on from a checkpoint.
 */
export interface ShardedCollective {
  readonly name: ReducerName;
  readonly isSharded: true;
  /** The part of the flat gradient, and of the weights, that is this rank's. */
  readonly own: Range;
  /** As Collective has it. */
  gradientBuffer(): Float32Array;
  /** As Collective has it. */
  factorPlaces(globalSamples: number): FactorPlaces | null;
  /**
   * @returns the own part of the average
   * @throws Halted when the step is given up before it is complete
   */
  reduceScatter(part: Part): Promise<Average>;
  /** Where the own part's new weights are to be put, between `reduceScatter` and `allGather`. */
  weightsBuffer(): Float32Array;
  /**
   * The new weights, put together from all ranks' parts; valid until the next call.
   *
   * @throws Halted when it is given up before it is complete
   */
  allGather(): Promise<Float32Array>;
  /** As Collective has it. */
  settled(): Promise<void>;
}

/** What the coordinator hears of a part, with the gradient where it is the one that adds up. */
export interface Contribution
  extends Pick<Part, 'step' | 'samples' | 'metrics' | 'logged' | 'finite' | 'reports'> {
  readonly gradient: Float32Array | null;
}

/** What the coordinator says of the steps that were reported. */
export interface Answer {
  readonly proceed: boolean;
  readonly gradient: Float32Array | null;
}

/** The coordinator's barrier, as a rank sees it. */
export interface Barrier {
  /** Resolves when the coordinator has all ranks' parts of the steps with which this one is reported. */
  contribute(contribution: Contribution): Promise<Answer>;
  /** Reports what is not reported yet. Resolves likewise; at once where there is nothing. */
  flush(): Promise<void>;
}

/** A part as the coordinator sees it. */
export const withGradient = ({ globalSamples: _known, ...part }: Part): Contribution => part;

/** A part whose gradient the coordinator need not see. */
export const withoutGradient = (part: Part): Contribution => ({
  ...withGradient(part),
  gradient: null,
});

/** The coordinator gave up the step that a rank was in. That rank has not applied it. */
export class Halted extends Error {
  override readonly name = 'Halted';
}
