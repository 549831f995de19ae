import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LockstepError } from '@lockstep/core';

/** `274 MB`, `3.4 GB`: decimal, as package indexes and disks have them. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
}

/** What to do where the engine cannot be fetched here. */
export const elsewhere =
  "fetch the wheel on another machine and give it with 'lockstep engine install --from FILE', or use --engine wasm";

export function installError(message: string, hint: string, cause?: unknown): LockstepError {
  return new LockstepError('ENGINE_INSTALL', message, {
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Free bytes of the disk that a path is on; the path need not be there yet. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (thrown) {
    const parent = dirname(path);
    if (parent === path) throw thrown;
    return await freeBytes(parent);
  }
}

/** `ENOSPC` and the like; undefined for what no disk said. */
export function errnoIn(thrown: unknown): string | undefined {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return /^E(?!RR_)[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** What went wrong with files of the cache, as ENGINE_INSTALL; what is told already stays as it is. */
export async function cacheError(root: string, thrown: unknown): Promise<unknown> {
  const errno = errnoIn(thrown);
  if (!(thrown instanceof Error) || errno === undefined) return thrown;
  // Node appends ", open '/path'" to the system's text.
  const text = thrown.message.split(', ')[0];
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    const free = await freeBytes(root).then(formatBytes, () => 'unknown');
    return installError(
      `no space is left for the engine in ${root} (${free} free): ${text}`,
      'Free some space, or choose another disk with LOCKSTEP_CACHE=DIR.',
      thrown,
    );
  }
  return installError(
    `the cache ${root} cannot be changed: ${text}`,
    'Choose a directory that can be written with LOCKSTEP_CACHE=DIR.',
    thrown,
  );
}
