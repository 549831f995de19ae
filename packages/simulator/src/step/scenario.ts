import type { Compression } from '@lockstep/core';
import type { Algorithm } from '../collective/algorithm.js';
import type { NetworkDescription } from '../network/description.js';
import type { Workload } from './workload.js';

/** What is simulated. */
export interface Scenario {
  readonly network: NetworkDescription;
  readonly ranks: number;
  readonly allReduce: Algorithm;
  readonly compression: Compression;
  readonly workload: Workload;
  /** Whether parts of the gradient are sent while others are computed. */
  readonly overlaps: boolean;
  /** How many steps are simulated; the mean is taken. Without jitter they are alike. */
  readonly steps: number;
  readonly seed: number;
}

/** Of one step. Seconds. */
export interface StepTime {
  /** From the coordinator's word to go on to its next one. */
  readonly whole: number;
  /** Of these, on rank 0: from the end of its backward pass until it has the sum. */
  readonly reduce: number;
  /** And from there until it is told to go on. */
  readonly barrier: number;
}
