import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { Contribution } from './state.js';

/** Metrics of all samples that the ranks have reported so far. */
export const sumsOf = (contributions: readonly (Contribution | null)[]): MetricSums =>
  contributions.reduce<MetricSums>(
    (total, contribution) => addMetrics(total, contribution?.metrics ?? {}),
    {},
  );
