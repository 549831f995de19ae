import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { createJiti } from 'jiti';

/**
 * What a file of the user's exports, TypeScript or JavaScript, by name.
 *
 * @throws USER_CODE when the file cannot be loaded
 */
export async function importUserFile(file: string): Promise<Record<string, unknown>> {
  const path = resolve(file);
  try {
    return await createJiti(pathToFileURL(path).href).import<Record<string, unknown>>(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USER_CODE', `${file} cannot be loaded: ${reason}`, {
      hint: 'Check the path and the file; it is loaded as an ES module.',
      cause,
    });
  }
}
