export type { Engine, EngineDescription, LoadedModel } from './engine.js';
export { freezeModel } from './freeze.js';
export { createEngine, type EngineProbe, engineNames, probeEngines } from './registry.js';
export { libraryFor } from './tensorflow/device.js';
