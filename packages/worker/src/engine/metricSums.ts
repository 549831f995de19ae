import type { MetricSums } from '@lockstep/core/metrics';
import type { Metric } from '../metric/index.js';

/** The sums every engine reports for a batch: of the loss, and of each metric in order. */
export function metricSums(
  metrics: readonly Metric[],
  loss: number,
  sums: ArrayLike<number>,
  size: number,
): MetricSums {
  const measured = metrics.map(({ name }, i) => [name, { sum: sums[i]!, count: size }]);
  return { loss: { sum: loss, count: size }, ...Object.fromEntries(measured) };
}

/** Of a batch without samples. */
export const noSums = (metrics: readonly Metric[]): MetricSums =>
  metricSums(metrics, 0, new Float64Array(metrics.length), 0);
