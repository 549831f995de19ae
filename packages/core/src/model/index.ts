export { type ModelSpec, modelHash, modelSpecSchema, type Topology } from './topology.js';
export { zoo } from './zoo.js';
