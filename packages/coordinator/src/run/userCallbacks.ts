import { asCallbacks, type Callback } from '@lockstep/core/callbacks';
import { importUserFile } from './userFile.js';

/**
 * The callbacks that a file of the user's exports as its default, TypeScript or JavaScript.
 *
 * @throws USER_CODE when the file cannot be loaded or exports something else
 */
export async function loadUserCallbacks(file: string): Promise<Callback[]> {
  return asCallbacks((await importUserFile(file)).default, file);
}
