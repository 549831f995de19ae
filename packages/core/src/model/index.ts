export {
  type LayerDescription,
  type LayerOutput,
  type LayerWeight,
  type ModelDescription,
  parametersOf,
} from './description.js';
export { canonicalTopology } from './keras/canonical.js';
export { type ReadTopology, readTopology } from './keras/read.js';
export { lossNamed, lossNames, metricNamed, metricNames } from './names.js';
export {
  type ModelSpec,
  modelHash,
  modelSpecSchema,
  type ParameterShape,
  parameterSchema,
  sizeOf,
  type Topology,
} from './topology.js';
export { zoo } from './zoo.js';
