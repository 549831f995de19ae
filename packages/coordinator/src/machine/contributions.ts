import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { Contribution } from './state.js';

type Contributions = readonly (Contribution | null)[];

/** Metrics of all samples that the ranks have reported so far. */
export const sumsOf = (contributions: Contributions): MetricSums =>
  contributions.reduce<MetricSums>(
    (total, contribution) => addMetrics(total, contribution?.metrics ?? {}),
    {},
  );

/** The same of what they measured before the step, without dropout. */
export const loggedSumsOf = (contributions: Contributions): MetricSums =>
  contributions.reduce<MetricSums>(
    (total, contribution) => addMetrics(total, contribution?.logged ?? {}),
    {},
  );
