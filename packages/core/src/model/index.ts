export {
  type LayerDescription,
  type LayerOutput,
  type LayerWeight,
  type ModelDescription,
  parametersOf,
} from './description.js';
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
