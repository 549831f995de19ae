export type { Callback, CallbackContext } from './callback.js';
export { CSVLogger } from './csvLogger.js';
export { EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.js';
export {
  type LearningRateSchedule,
  LearningRateScheduler,
  type SchedulePlan,
} from './learningRateScheduler.js';
export { CallbackList } from './list.js';
export { ModelCheckpoint, type ModelCheckpointOptions } from './modelCheckpoint.js';
export type { MonitorMode } from './monitor.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduceLROnPlateau.js';
export { parseSchedule } from './schedule.js';
export { TargetAccuracy, type TargetAccuracyOptions } from './targetAccuracy.js';
export { TerminateOnNaN } from './terminateOnNaN.js';
export { asCallbacks } from './user.js';
export type { Verdict } from './verdict.js';
