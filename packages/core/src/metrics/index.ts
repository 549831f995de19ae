export { addMetrics, type Logs, type MetricSums, meansOf, metricSumsSchema } from './metrics.js';
