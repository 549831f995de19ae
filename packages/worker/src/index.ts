export {
  createEngine,
  type Engine,
  type EngineDescription,
  type EngineProbe,
  engineNames,
  type LoadedModel,
  libraryFor,
  probeEngines,
} from './engine/index.js';
export { type InspectedModel, inspectModel } from './inspect/index.js';
export type { PeerPlace } from './peers/index.js';
export { type Farewell, Session, type SessionOptions } from './session.js';
