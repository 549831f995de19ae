import { fileError } from './atomicFile.js';
import { makeFolder } from './makeFolder.js';

/**
 * Makes the folder that something is to be written to, and those above it that are missing.
 *
 * @throws RUN_DIRECTORY where that cannot be done, as of a path with a file in it
 */
export async function makeOutputFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (thrown) {
    throw fileError('create', path, thrown);
  }
}
