import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LockstepError } from '@lockstep/core';
import { asCallbacks, type Callback } from '@lockstep/core/callbacks';
import { createJiti } from 'jiti';

/**
 * The callbacks that a file of the user's exports, TypeScript or JavaScript.
 *
 * @throws USER_CODE when the file cannot be loaded or exports something else
 */
export async function loadUserCallbacks(file: string): Promise<Callback[]> {
  const path = resolve(file);
  let exported: unknown;
  try {
    exported = await createJiti(pathToFileURL(path).href).import(path, { default: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('USER_CODE', `${file} cannot be loaded: ${reason}`, {
      hint: 'Check the path and the file; it is loaded as an ES module.',
      cause,
    });
  }
  return asCallbacks(exported, file);
}
