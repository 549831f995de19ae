export { createHierarchical, type HierarchicalPlace } from './hierarchical.js';
