export type { Metric } from './metric.js';
export { metricsByName } from './registry.js';
