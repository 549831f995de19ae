import { z } from 'zod';

/**
 * Metrics travel as (sum, count) and are divided once, where they are shown: the mean of means over
 * ranks with different numbers of samples would be wrong.
 */
export const metricSumsSchema = z.record(
  z.string().max(100),
  z.strictObject({
    /** NaN and infinity are legal: a diverging loss must reach TerminateOnNaN. */
    sum: z.custom<number>((value) => typeof value === 'number', 'expected a number'),
    count: z.number().int().nonnegative(),
  }),
);

/** By metric name; `loss` and `accuracy` are always there. Sums are float64, counts are samples. */
export type MetricSums = z.infer<typeof metricSumsSchema>;

/** Means by metric name, the "logs" of Keras. */
export type Logs = Record<string, number>;

/** The sums of both, added in the order given: rank order makes the result reproducible. */
export function addMetrics(left: MetricSums, right: MetricSums): MetricSums {
  const total: MetricSums = { ...left };
  for (const [name, { sum, count }] of Object.entries(right)) {
    const before = total[name] ?? { sum: 0, count: 0 };
    total[name] = { sum: before.sum + sum, count: before.count + count };
  }
  return total;
}

/** sum / count of each; a metric without samples is left out. */
export function meansOf(sums: MetricSums, prefix = ''): Logs {
  const logs: Logs = {};
  for (const [name, { sum, count }] of Object.entries(sums)) {
    if (count > 0) logs[prefix + name] = sum / count;
  }
  return logs;
}
