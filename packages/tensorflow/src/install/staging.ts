import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@lockstep/core';
import { processSpace } from './processSpace.js';

/** What another machine left: nobody can ask whether its process lives, but none works for a day. */
const otherMachineMs = 24 * 3_600_000;

const mine = new Set<string>();
let counter = 0;

/** Gives `act` a folder of its own, on the disk of the cache, and removes what is left of it. */
export async function withStaging<Result>(
  root: string,
  act: (folder: string) => Promise<Result>,
): Promise<Result> {
  counter += 1;
  const name = `${processSpace}.${process.pid}.${counter}`;
  const folder = join(root, name);
  mine.add(name);
  try {
    await mkdir(folder, { recursive: true });
    return await act(folder);
  } finally {
    // The first error is the one to tell; a disk that refuses this has refused more before.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    mine.delete(name);
  }
}

/** Removes folders whose installer died. */
export async function removeLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root).catch((): string[] => [])) {
    if (mine.has(name)) continue;
    const folder = join(root, name);
    if (await isAbandoned(name, folder)) await rm(folder, { recursive: true, force: true });
  }
}

async function isAbandoned(name: string, folder: string): Promise<boolean> {
  const [space, pid] = name.split('.');
  // This process's own number that it does not know is a predecessor's.
  if (space === processSpace) return Number(pid) === process.pid || !isAlive(Number(pid));
  const found = await stat(folder).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > otherMachineMs;
}
