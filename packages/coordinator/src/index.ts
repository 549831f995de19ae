export type { News } from './machine/commands.js';
export type { Outcome, Settings } from './machine/state.js';
export type { Breakdown } from './profile/breakdown.js';
export { Profile } from './profile/profile.js';
export { type StepPhase, stepPhases } from './profile/stepTimes.js';
export {
  exitCodeOfOutcome,
  type LogTail,
  metricsOf,
  type RunRecord,
  RunRecorder,
  type Sourced,
} from './run/record.js';
export { loadUserCallbacks } from './run/userCallbacks.js';
export { importUserFile } from './run/userFile.js';
export { Coordinator, type CoordinatorOptions } from './runtime/coordinator.js';
