export type {
  Engine,
  EngineDescription,
  GradientResult,
  LoadedModel,
  LoadOptions,
  ModelState,
  OptimizerState,
  Parameter,
} from './engine.js';
export { createEngine, type EngineProbe, engineNames, probeEngines } from './registry.js';
