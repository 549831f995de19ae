export { outputsOf, outputTensorOf } from './heads.js';
export { checkLabels } from './labels.js';
export type { Head, Loss } from './loss.js';
export { lossByName } from './registry.js';
export { targetsOf } from './targets.js';
