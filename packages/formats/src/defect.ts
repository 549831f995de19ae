import { LockstepError } from '@lockstep/core';

/**
 * MODEL_FILE: a file that is not what it should be.
 *
 * @param file as the user gave it
 * @param what follows the file's name in a sentence: `is cut short`
 */
export function defectIn(
  file: string,
  what: string,
  hint?: string,
  cause?: unknown,
): LockstepError {
  return new LockstepError('MODEL_FILE', `${file} ${what}`, {
    hint: hint ?? 'Save it anew with the program that wrote it, or get a whole copy.',
    cause,
  });
}

/** MODEL_FILE: something in a model that Lockstep does not have, or cannot say in the other format. */
export function unsupported(what: string, hint: string): LockstepError {
  return new LockstepError('MODEL_FILE', what, { hint });
}
