import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './errno.js';

/**
 * Makes a folder, and those above it that are missing. Node's own `recursive` tries for ever where a folder
 * says that it is not there though it is, as /proc does when something is to be made in it (Node 20 to 24).
 *
 * @throws what the system says of the first folder that cannot be made
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (await isFolder(path)) return;
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
    const above = dirname(path);
    if (!(await isFolder(above))) await makeFolder(above);
    await makeIn(path);
  }
}

/** The folder above is there by now, whoever made it: what is missing still would be missing for ever. */
async function makeIn(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if (!(await isFolder(path))) throw thrown;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
