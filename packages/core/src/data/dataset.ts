/**
 * The parts of a dataset. Training uses `train`, the test at the end `test`; `validation` is what a run has split
 * off the end of its training samples, and may be empty.
 */
export type SplitName = 'train' | 'validation' | 'test';

/** What is evaluated on: as it lies, in no epoch. */
export type EvaluationSplit = Exclude<SplitName, 'train'>;

/** The samples of one split, row by row, as they lie in the files: nothing is scaled. */
export interface Split {
  readonly size: number;
  /** `[size, ...imageShape]`, uint8, 0..255. */
  readonly images: Uint8Array;
  /** `[size]`, uint8, 0..classes-1. */
  readonly labels: Uint8Array;
}

/** What a worker must know of a dataset before it has a byte of it. */
export interface DatasetDescription {
  readonly name: string;
  /** Equal for two processes exactly when their samples are equal byte by byte, however they are split. */
  readonly hash: string;
  readonly trainSize: number;
  readonly validationSize: number;
  readonly testSize: number;
  /** Height, width, channels. */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

export interface Dataset {
  readonly description: DatasetDescription;
  readonly train: Split;
  readonly validation: Split;
  readonly test: Split;
}

/** A batch as it leaves the data room: uint8, scaled only inside the engine. */
export interface Batch {
  readonly size: number;
  /** `[size, height, width, channels]`, uint8. */
  readonly images: Uint8Array;
  /** `[size]`, uint8. */
  readonly labels: Uint8Array;
}

/** A half-open range `[begin, end)`. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}
