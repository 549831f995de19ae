export { createOptimizer } from './create.js';
export { vectorized } from './kernels/vectorized.js';
export type { Optimizer } from './optimizer.js';
