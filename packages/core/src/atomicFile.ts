import { basename, dirname, join } from 'node:path';
import type { Disk } from './disk/disk.js';
import { realDisk } from './disk/realDisk.js';
import { errnoOf } from './errno.js';
import { LockstepError } from './errors.js';
import { isAlive } from './isAlive.js';

/** Temporary files of this process that are being written now: a leftover of the same pid is not one. */
const beingWritten = new Set<string>();
let counter = 0;

/**
 * Writes the parts one after another so that the file is whole or absent, even after a power cut: a
 * temporary file in the same directory, fsync, rename, fsync of the directory. What stood at `file` stays
 * readable until the rename. The parts must not change before the promise settles.
 *
 * @returns bytes written. Fails with RUN_DIRECTORY; then the temporary file is gone, too.
 */
export async function writeAtomically(
  file: string,
  parts: readonly (Uint8Array | string)[],
  disk: Disk = realDisk,
): Promise<number> {
  return await underTemporaryName(disk, file, async (temporary) => {
    const written = await disk.create(temporary);
    let size = 0;
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        await written.write(bytes);
        size += bytes.length;
      }
      await written.sync();
    } finally {
      await written.close();
    }
    return size;
  });
}

/** What `link` says where a second name for a file cannot be made; anything else is a failure. */
const noLinkHere = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']);

/** Gives a file a second name, replacing at once what had that name. False where the system cannot. */
export async function linkAtomically(
  existing: string,
  file: string,
  disk: Disk = realDisk,
): Promise<boolean> {
  try {
    await underTemporaryName(disk, file, (temporary) => disk.link(existing, temporary));
    return true;
  } catch (thrown) {
    const { cause } = thrown as LockstepError;
    if (noLinkHere.has(errnoOf(cause) ?? '')) return false;
    throw thrown;
  }
}

/** Renames to `file` what `make` made, and flushes the directory, or leaves nothing behind. */
async function underTemporaryName<Result>(
  disk: Disk,
  file: string,
  make: (temporary: string) => Promise<Result>,
): Promise<Result> {
  counter += 1;
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.${counter}.tmp`);
  beingWritten.add(temporary);
  try {
    const result = await make(temporary);
    await disk.rename(temporary, file);
    await disk.syncFolder(dirname(file));
    return result;
  } catch (thrown) {
    throw fileError('write', file, thrown);
  } finally {
    // After a rename there is nothing to remove, unless both names were the same file: then POSIX renames
    // nothing. The first error is the one to tell; a directory that refuses writes refuses this, too.
    await disk.remove(temporary).catch(() => undefined);
    beingWritten.delete(temporary);
  }
}

/** Removes temporary files in the directory whose writer died before it could rename them. */
export async function removeLeftovers(directory: string, disk: Disk = realDisk): Promise<void> {
  for (const name of await disk.list(directory)) {
    const pid = /^\..+\.(\d+)\.\d+\.tmp$/.exec(name)?.[1];
    const file = join(directory, name);
    if (pid === undefined || beingWritten.has(file)) continue;
    // Containers give the same pid again and again: one's own leftover is a predecessor's.
    if (Number(pid) === process.pid || !isAlive(Number(pid))) await disk.remove(file);
  }
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space on this disk, or choose another run directory.',
  EDQUOT: 'Free some of your quota on this disk, or choose another run directory.',
  EROFS: 'This file system is read-only: choose another run directory.',
  EACCES: 'Change the permissions, or choose another run directory.',
  EPERM: 'Change the permissions, or choose another run directory.',
  ENOENT: 'Check the path.',
  ENOTDIR: 'A part of this path is a file: choose another run directory.',
};

/** RUN_DIRECTORY with the path, what the system says, and what to do about it. */
export function fileError(
  action: 'read' | 'write' | 'create' | 'remove',
  path: string,
  thrown: unknown,
): LockstepError {
  const errno = errnoOf(thrown) ?? '';
  // Node appends ", open '/path'" to the system's text; the path is in our sentence already.
  const text = thrown instanceof Error ? thrown.message.split(', ')[0] : String(thrown);
  return new LockstepError('RUN_DIRECTORY', `cannot ${action} ${path}: ${text}`, {
    hint: hints[errno] ?? 'Check the disk, or choose another run directory.',
    cause: thrown,
  });
}
