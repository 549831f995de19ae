export { checkLabels } from './labels.js';
export type { Loss } from './loss.js';
export { lossByName } from './registry.js';
