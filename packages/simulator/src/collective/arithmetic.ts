import { type WeightedGradient, weightedAverage } from '@lockstep/core/collective';

/** What is really computed, beside the time that it takes. */
export interface Arithmetic {
  /** Where a rank's gradient of `length` elements is put. */
  allocate(length: number): Float32Array;
  /** The coordinator's average, by rank; at least one with samples. */
  average(parts: readonly WeightedGradient[]): Float32Array;
}

/** All of it, with the code of the coordinator: for few ranks and small arrays. */
export const realArithmetic: Arithmetic = {
  allocate: (length) => new Float32Array(length),
  average(parts) {
    const into = new Float32Array(parts[0]!.gradient.length);
    weightedAverage(parts, into);
    return into;
  },
};

/** Lengths only: all ranks have one array that nobody looks into. 4,096 gradients would fill 54 GB. */
export function lengthsOnly(): Arithmetic {
  let shared = new Float32Array(0);
  return {
    allocate(length) {
      if (shared.length !== length) shared = new Float32Array(length);
      return shared;
    },
    average: (parts) => parts[0]!.gradient,
  };
}
