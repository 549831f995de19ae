import { readFileSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { hashOfJson } from '@lockstep/core';

/**
 * The same for processes that can share memory with each other, as far as can be told from outside:
 *
 * - the machine's name,
 * - the boot of its kernel: machines that were cloned may have one name,
 * - the file system in which shared memory is made: containers on one machine may share it or not, and where
 *   they do (`--ipc`, a common volume) it is the same device.
 *
 * What is not there (`/proc` and `/dev/shm` are Linux's) is left out. Where two processes look alike and cannot
 * share memory all the same, they find out when they try.
 *
 * @param folders where shared memory may be made; the first that is there counts
 * @returns a hash: others compare it, and need not know what it is made of
 */
export function hostIdentity(folders: readonly string[] = ['/dev/shm', tmpdir()]): string {
  const shared = folders.map(placeOf).find((place) => place !== null) ?? null;
  return hashOfJson({ name: hostname(), boot: bootId(), shared });
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}

function placeOf(folder: string): string | null {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}/${ino}`;
  } catch {
    return null;
  }
}
