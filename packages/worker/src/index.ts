export type { Engine, EngineDescription, LoadedModel } from './engine/engine.js';
export { type Farewell, Session, type SessionOptions } from './session.js';
