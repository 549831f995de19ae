/** What must be so at every step of every run. */
export const invariants = {
  'each-sample-once': 'every sample of each epoch is applied exactly once in the surviving history',
  'one-hash': 'all ranks hold one hash, that of the run to which nothing happens',
  'whole-checkpoints': 'a checkpoint holds the state of its step, and the newest one can be read',
  'exact-metrics': 'an epoch and a test count each sample once',
  deadlines: 'nothing is waited for past its deadline',
  ends: 'every run ends',
  explained: 'a run fails only where a fault explains it',
  tensors: 'the coordinator keeps no tensor that it has forgotten',
  'nothing-left': 'no timer, no socket and no process is left behind',
  'no-surprise': 'nothing throws where nobody catches it',
} as const;

export type Invariant = keyof typeof invariants;

export interface Violation {
  readonly invariant: Invariant;
  /** What was seen instead. */
  readonly message: string;
  /** Milliseconds of virtual time. */
  readonly at: number;
}
