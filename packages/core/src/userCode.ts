import { LockstepError } from './errors.js';

/**
 * What a function of the user's gives.
 *
 * @param where names it in the error
 * @throws USER_CODE where it throws
 */
export async function callUserCode<T>(where: string, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USER_CODE', `${where} threw: ${reason}`, {
      hint: 'Correct the function, or what it is given.',
      cause,
    });
  }
}
