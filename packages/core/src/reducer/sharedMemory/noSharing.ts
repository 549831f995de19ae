import { LockstepError } from '../../errors.js';

/** Why the ranks of a host cannot share memory, with what to do instead. */
export function noSharing(why: string, cause?: unknown): LockstepError {
  return new LockstepError('SHARED_MEMORY', `ranks cannot share memory here: ${why}`, {
    cause,
    hint: 'Let them add up another way: --all-reduce ring.',
  });
}
