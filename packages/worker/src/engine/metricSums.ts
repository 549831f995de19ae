import type { MetricSums } from '@lockstep/core/metrics';

/** The sums every engine reports for a batch. */
export function metricSums(loss: number, correct: number, size: number): MetricSums {
  return { loss: { sum: loss, count: size }, accuracy: { sum: correct, count: size } };
}
