import { globalSlice, permutation, rangeLength, stepCount } from '@lockstep/core/data';

/** What decides which samples which step has. */
export interface Course {
  readonly seed: number;
  readonly trainSize: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/** The largest batch for which all arithmetic here is exact. */
export const largestBatch = 16;
/**
 * The gradient of one sample: every number up to `largestBatch` divides it. So the mean over any batch is a whole
 * number, and so is the average of such means over ranks, whoever has which samples.
 */
export const unit = 720_720;
/** A power of two: what it multiplies stays exact. */
export const learningRate = 0.5;
/** What a slot counts up to. */
const historyLimit = 2 ** 20;

/** Weights and optimizer state after some steps: one element for each sample of each epoch. */
export interface LedgerState {
  readonly weights: Float32Array;
  /** Another number for every other order in which gradients came. */
  readonly history: Float32Array;
}

/** Where a sample of an epoch stands in the ledger. */
export const placeOf = ({ trainSize }: Course, epoch: number, sample: number): number =>
  epoch * trainSize + sample;

export const lengthOf = ({ trainSize, epochs }: Course): number => trainSize * epochs;

export const stepsOfEpoch = ({ trainSize, batchSize }: Course): number =>
  stepCount(trainSize, batchSize);

export const emptyLedger = (course: Course): LedgerState => ({
  weights: new Float32Array(lengthOf(course)),
  history: new Float32Array(lengthOf(course)),
});

/**
 * The one update rule: an element at a time, so that it does not matter who has computed the average. A ring weights
 * in float32, which is off by less than a tenth; an average is a whole number.
 */
export function update(
  { weights, history }: LedgerState,
  gradient: Float32Array,
  rate: number,
): void {
  for (let i = 0; i < weights.length; i++) {
    const entry = Math.round(gradient[i]!);
    weights[i] = weights[i]! - rate * entry;
    history[i] = (history[i]! * 5 + entry + 1) % historyLimit;
  }
}

/** The state after each step of a run to which nothing happens, from 0 steps on. */
export function statesOf(course: Course): LedgerState[] {
  let state = emptyLedger(course);
  const states = [state];
  for (let epoch = 0; epoch < course.epochs; epoch++) {
    const order = permutation(course.seed, epoch, course.trainSize);
    for (let begin = 0; begin < course.trainSize; begin += course.batchSize) {
      const slice = globalSlice(begin, course.trainSize, course.batchSize);
      const gradient = new Float32Array(lengthOf(course));
      for (let i = slice.begin; i < slice.end; i++) {
        gradient[placeOf(course, epoch, order[i]!)] = unit / rangeLength(slice);
      }
      state = { weights: state.weights.slice(), history: state.history.slice() };
      update(state, gradient, learningRate);
      states.push(state);
    }
  }
  return states;
}
