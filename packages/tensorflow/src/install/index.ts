export { findEngine, type InstalledEngine, listEngines } from './find.js';
export { installEngine } from './install.js';
export { formatBytes } from './installError.js';
export { findPip } from './pip.js';
export { type InstallPlan, planInstall } from './plan.js';
export type { InstallProgress } from './progress.js';
export { removeAllEngines, removeEngine } from './remove.js';
export type { Environment } from './surroundings.js';
