export { networkNames, readNetwork } from './network/read.js';
export { simulateAllReduce } from './step/allReduce.js';
export type { Scenario } from './step/scenario.js';
export { type Simulated, simulate } from './step/simulate.js';
export { readMeasured, workloadOf } from './step/workload.js';
