/**
 * Every failure that a person can meet, in one table: a stable code, the exit code of the process and
 * what the code means. Messages say the cause; hints say the next action.
 */
const table = {
  INTERNAL: { exit: 1, meaning: 'a bug in Lockstep' },
  USAGE: { exit: 2, meaning: 'a wrong flag, name or value on the command line' },
  DATA_MISSING: { exit: 3, meaning: 'a file of the dataset is not there' },
  DATA_CORRUPT: { exit: 3, meaning: 'samples are cut short, or are not what they should be' },
  DATA_CHECKSUM: { exit: 3, meaning: 'a file of the dataset has other bytes than it should have' },
  IMAGE_INVALID: { exit: 3, meaning: 'a file given to predict is not a picture that can be read' },
  PORT_IN_USE: { exit: 4, meaning: 'the address to listen on is taken or cannot be bound' },
  COORDINATOR_UNREACHABLE: { exit: 5, meaning: 'no coordinator answered, or it went silent' },
  PROTOCOL_MISMATCH: {
    exit: 6,
    meaning: 'worker and coordinator speak different protocol versions',
  },
  MODEL_MISMATCH: { exit: 6, meaning: 'worker and coordinator have different models' },
  DATASET_MISMATCH: { exit: 6, meaning: 'worker and coordinator have different datasets' },
  CONFIG_MISMATCH: { exit: 6, meaning: 'worker and coordinator have different configurations' },
  RUN_MISMATCH: { exit: 6, meaning: 'the coordinator at this address runs another run' },
  CLUSTER_FULL: { exit: 6, meaning: 'the cluster has all the workers it was started for' },
  WORKER_LOST: { exit: 7, meaning: 'a worker died, stalled or could not be reached' },
  NO_WORKERS: { exit: 8, meaning: 'no worker joined in time and --fallback is fail' },
  TOO_FEW_WORKERS: {
    exit: 17,
    meaning: 'fewer workers were left than the run needs, and no other came in time',
  },
  CHECKPOINT_CORRUPT: { exit: 9, meaning: 'no whole checkpoint could be read' },
  CHECKPOINT_MISMATCH: {
    exit: 9,
    meaning: 'the checkpoint belongs to another model, dataset or seed',
  },
  RUN_DIRECTORY: {
    exit: 10,
    meaning: 'the run directory cannot be created, read or written, or another coordinator has it',
  },
  ENGINE_UNAVAILABLE: { exit: 11, meaning: 'the engine that was asked for does not work here' },
  ENGINE_INSTALL: {
    exit: 11,
    meaning: "the engine's library could not be fetched, checked or unpacked",
  },
  CAPTURE_FAILED: {
    exit: 11,
    meaning: 'a function cannot be captured as one TensorFlow graph',
  },
  DIVERGED: { exit: 12, meaning: 'the loss became NaN or infinite' },
  RANKS_DIFFER: { exit: 13, meaning: 'ranks that must hold the same weights do not' },
  USER_CODE: {
    exit: 14,
    meaning: 'a file of yours (--callbacks, --model) could not be loaded or threw',
  },
  PROTOCOL_VIOLATION: {
    exit: 15,
    meaning: 'a peer sent something that the protocol does not allow',
  },
  SHARED_MEMORY: {
    exit: 16,
    meaning: 'the ranks of a host cannot share memory: no room, no permission, no support',
  },
  MODEL_FILE: {
    exit: 18,
    meaning:
      'a model file is cut short, has what Lockstep does not know, or does not fit the model',
  },
} as const satisfies Record<string, { exit: number; meaning: string }>;

export type ErrorCode = keyof typeof table;

export const errorCodes = Object.keys(table) as ErrorCode[];

/** Exit codes of a run that a signal stopped: 128 + the signal's number, as shells have it. */
export const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export type StopSignal = keyof typeof signalExitCodes;

export function exitCodeOf(code: ErrorCode): number {
  return table[code].exit;
}

export function meaningOf(code: ErrorCode): string {
  return table[code].meaning;
}

export interface ErrorDetails {
  /** What to do next, as a sentence. */
  hint?: string;
  cause?: unknown;
}

/** An error with a stable code, the cause as its message, and the next action as its hint. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }

  get exitCode(): number {
    return exitCodeOf(this.code);
  }
}

/** Wraps anything thrown: a LockstepError stays itself, the rest becomes INTERNAL (or the given code). */
export function toLockstepError(thrown: unknown, code: ErrorCode = 'INTERNAL'): LockstepError {
  if (thrown instanceof LockstepError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new LockstepError(code, message, { cause: thrown });
}
