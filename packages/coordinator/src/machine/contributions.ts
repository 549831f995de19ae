import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { Contribution } from './state.js';

const sumsBy =
  (kind: 'metrics' | 'logged') =>
  (contributions: readonly (Contribution | null)[]): MetricSums =>
    contributions.reduce<MetricSums>(
      (total, contribution) => addMetrics(total, contribution?.[kind] ?? {}),
      {},
    );

/** Metrics of all samples that the ranks have reported so far. */
export const sumsOf = sumsBy('metrics');

/** The same of what they measured before the step, without dropout. */
export const loggedSumsOf = sumsBy('logged');
