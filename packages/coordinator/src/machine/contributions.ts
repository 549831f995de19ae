import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { Contribution } from './state.js';

/** What is not a number would make the whole sum none. */
const sumsBy =
  (kind: 'metrics' | 'logged') =>
  (contributions: readonly (Contribution | null)[]): MetricSums =>
    contributions
      .filter((contribution) => contribution?.finite !== false)
      .reduce<MetricSums>(
        (total, contribution) => addMetrics(total, contribution?.[kind] ?? {}),
        {},
      );

/** Metrics of all samples that the ranks have reported so far. */
export const sumsOf = sumsBy('metrics');

/** The same of what they measured before the step, without dropout. */
export const loggedSumsOf = sumsBy('logged');
