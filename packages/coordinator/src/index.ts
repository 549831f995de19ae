export type { Command, News } from './machine/commands.js';
export type { Event } from './machine/events.js';
export type { Cursor, Outcome, Settings, State } from './machine/state.js';
export type { Transition } from './machine/transition.js';
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
