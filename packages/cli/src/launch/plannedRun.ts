import type { Callback } from '@lockstep/core/callbacks';
import type { Checkpoint } from '@lockstep/core/checkpoint';
import type { Devices } from '../devices/resolve.js';
import type { Prepared } from './prepare.js';
import type { ResumedRun } from './resume.js';
import type { RunLock } from './runLock.js';

/** Where the workers of a run are: on this machine, started by us, or wherever they come from. */
export type Place =
  | { readonly kind: 'here' }
  | { readonly kind: 'at'; readonly listen: string; readonly fallback: 'alone' | 'fail' };

/** A run of which everything is known. */
export interface PlannedRun extends Prepared {
  readonly runId: string;
  readonly path: string;
  readonly lock: RunLock;
  readonly place: Place;
  readonly inProcess: boolean;
  readonly devices: Devices;
  readonly callbacks: readonly Callback[];
  readonly resumed: ResumedRun | null;
  /** What a run begins with that begins from a model file. */
  readonly first: Checkpoint | null;
  readonly warnings: readonly string[];
}
