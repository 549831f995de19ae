import type { Course } from '../ledger/course.js';
import type { Conditions } from '../network/conditions.js';
import type { Fault } from './faults.js';

/** A run, and what befalls it: all of it follows from the seed. */
export interface Scenario {
  readonly seed: number;
  readonly course: Course;
  readonly testSize: number;
  /** Whether the coordinator starts the workers itself, as `train` does, or they come from elsewhere. */
  readonly place: 'here' | 'at';
  readonly workers: number;
  readonly minWorkers: number;
  readonly maxRestarts: number;
  readonly allReduce: 'star' | 'ring';
  /** Most steps; null: as many as the epochs have. */
  readonly steps: number | null;
  readonly validates: boolean;
  readonly logEvery: number | null;
  readonly checkpointSteps: number | null;
  readonly keepLast: number;
  readonly timeouts: Timeouts;
  readonly network: Conditions;
  readonly sampleMs: number;
  /** How often ranks that add up among themselves report, and after how many steps that is settled. */
  readonly reports: { readonly everyMs: number; readonly after: number };
  /** Of each worker: whether it has the samples, and when it comes; ms from the beginning. */
  readonly members: readonly { readonly isLocal: boolean; readonly comesAt: number }[];
  readonly faults: readonly Fault[];
}

/** Milliseconds; as the flags of the command line are called. */
export interface Timeouts {
  readonly join: number;
  readonly rejoin: number;
  readonly step: number;
  readonly boundary: number;
  readonly silence: number;
  readonly reconnect: number;
}

/** Whether messages come twice, or in another order: there only safety can be asked for. */
export const isHostile = ({ network }: Scenario): boolean =>
  network.duplicated > 0 || network.reordered > 0;

/** Whether anything befalls the run at all. */
export const isTroubled = (scenario: Scenario): boolean =>
  scenario.faults.length > 0 || isHostile(scenario);

/** Whether whoever lives hears what is said. */
export const hasReliableNetwork = (scenario: Scenario): boolean =>
  !isHostile(scenario) &&
  scenario.faults.every(({ what }) => !['pause', 'cut', 'block'].includes(what));

/** Whether a worker from elsewhere may come when training has begun without it. */
export const comesLate = ({ members, timeouts }: Scenario, worker: number): boolean =>
  (members[worker]?.comesAt ?? 0) > timeouts.join / 2;
