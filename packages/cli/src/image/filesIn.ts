import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LockstepError } from '@lockstep/core';

const endings = new Set(['.png', '.jpg', '.jpeg', '.webp']);

/**
 * Files as they are, and in the place of each folder the pictures in it, sorted by name as people sort
 * (2.jpg before 10.jpg).
 *
 * @throws IMAGE_INVALID where a folder has no picture in it, or cannot be read
 */
export async function filesIn(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => ((await isFolder(path)) ? picturesIn(path) : [path])),
  );
  return lists.flat();
}

/** What is not there is reported by whoever reads it. */
async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function picturesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new LockstepError('IMAGE_INVALID', `${folder} cannot be read: ${cause}`, { cause });
  });
  const pictures = names.filter((name) => endings.has(extname(name).toLowerCase()));
  if (pictures.length === 0) {
    throw new LockstepError('IMAGE_INVALID', `${folder} has no picture in it`, {
      hint: `Give a folder with files in ${[...endings].join(', ')}.`,
    });
  }
  const inOrder = new Intl.Collator('en', { numeric: true }).compare;
  return pictures.sort(inOrder).map((name) => join(folder, name));
}
