export { createOptimizer } from './create.js';
export type { Optimizer } from './optimizer.js';
