export {
  createEngine,
  type Engine,
  type EngineDescription,
  type EngineProbe,
  engineNames,
  freezeModel,
  type LoadedModel,
  libraryFor,
  probeEngines,
} from './engine/index.js';
export { type InspectedModel, inspectModel } from './inspect/index.js';
export { type CreateModel, type TensorFlowJs, topologyOf } from './model/createModel.js';
export type { PeerPlace } from './peers/index.js';
export type { Former } from './progress.js';
export { runSessions } from './reconnect.js';
export { Session, type SessionOptions } from './session.js';
