import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../../errno.js';
import { LockstepError } from '../../errors.js';
import { isAlive } from '../../isAlive.js';
import { noSharing } from './noSharing.js';

/**
 * Where segments are made, the best first: a file system in memory, which Linux has; else one on a disk, whose
 * cache is as good until the system begins to write it back.
 */
export const segmentFolders: readonly string[] = ['/dev/shm', tmpdir()];

/** A file that ranks map, for as long as not all of them have. Its name goes; what they map stays. */
export interface SegmentFile {
  readonly path: string;
  readonly handle: FileHandle;
}

const prefix = 'lockstep-segment-';

/** `lockstep-segment-<name>.<pid of the maker>`, with `.making` until all of it is there. */
const pattern = /^lockstep-segment-[\w-]+\.(\d+)(?:\.making)?$/;

/**
 * Makes a file of zeros behind a header, which appears all at once. Its space is taken by writing it: a file
 * that was only given its length kills who touches a page that the file system has no room for (SIGBUS).
 *
 * @throws LockstepError SHARED_MEMORY with what every folder said
 */
export async function makeSegmentFile(
  name: string,
  header: Int32Array,
  bytes: number,
  folders: readonly string[],
): Promise<SegmentFile> {
  const refusals: string[] = [];
  for (const folder of folders) {
    await sweep(folder);
    const path = join(folder, `${fileName(name)}.${process.pid}`);
    try {
      return await makeWhole(path, header, bytes);
    } catch (thrown) {
      refusals.push(`${folder}: ${errnoOf(thrown) ?? String(thrown)}`);
    }
  }
  throw noSharing(
    `no folder takes a file of ${(bytes / 2 ** 20).toFixed(1)} MB (${refusals.join(', ')})`,
  );
}

async function makeWhole(path: string, header: Int32Array, bytes: number): Promise<SegmentFile> {
  const making = `${path}.making`;
  const handle = await open(making, 'wx+', 0o600);
  try {
    const chunk = new Uint8Array(Math.min(bytes, 2 ** 20));
    chunk.set(new Uint8Array(header.buffer, header.byteOffset, header.byteLength));
    for (let at = 0; at < bytes; ) {
      at += (await handle.write(chunk, 0, Math.min(chunk.length, bytes - at), at)).bytesWritten;
      if (at >= chunk.length) chunk.fill(0);
    }
    await rename(making, path);
    return { path, handle };
  } catch (thrown) {
    await handle.close();
    await rm(making, { force: true });
    throw thrown;
  }
}

/**
 * @returns the file that another rank made, or null if it is not there yet
 * @throws LockstepError SHARED_MEMORY when it is another user's, or has not the header and length expected
 */
export async function findSegmentFile(
  name: string,
  header: Int32Array,
  bytes: number,
  folders: readonly string[],
): Promise<SegmentFile | null> {
  const begin = `${fileName(name)}.`;
  for (const folder of folders) {
    const found = (await listFolder(folder)).find(
      (file) => file.startsWith(begin) && !file.endsWith('.making'),
    );
    if (found === undefined) continue;
    const path = join(folder, found);
    try {
      const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
      try {
        await expectSame(handle, path, header, bytes);
        return { path, handle };
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
    } catch (thrown) {
      if (errnoOf(thrown) === 'ENOENT') continue;
      if (thrown instanceof LockstepError) throw thrown;
      throw noSharing(`${path} cannot be opened`, thrown);
    }
  }
  return null;
}

async function expectSame(
  handle: FileHandle,
  path: string,
  header: Int32Array,
  bytes: number,
): Promise<void> {
  const { uid, size } = await handle.stat();
  if (uid !== process.getuid?.()) throw noSharing(`${path} belongs to user ${uid}`);
  const found = new Int32Array(header.length);
  await handle.read(found, 0, found.byteLength, 0);
  if (size !== bytes || found.some((value, i) => value !== header[i])) {
    throw noSharing(
      `${path} is for another world: header ${found.join(' ')} and ${size} bytes instead of ${header.join(' ')} and ${bytes}`,
    );
  }
}

function fileName(name: string): string {
  if (!/^[\w-]{1,128}$/.test(name)) {
    throw new LockstepError(
      'INTERNAL',
      `'${name}' cannot name a segment: letters, digits, _ and -`,
    );
  }
  return `${prefix}${name}`;
}

/**
 * Takes away what dead processes have left, which were killed in the moment between making a file and all
 * having opened it. Of the last minute nothing: a process that seems dead may live in another container that
 * shares the folder.
 */
async function sweep(folder: string): Promise<void> {
  for (const file of await listFolder(folder)) {
    const pid = pattern.exec(file)?.[1];
    if (pid === undefined) continue;
    const path = join(folder, file);
    const ageMs = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (ageMs < 60_000 || isMakerAlive(Number(pid), ageMs)) continue;
    // Another user's stays; that user's next segment sees to it.
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** In containers numbers come again: what is older than this process is not this process's. */
function isMakerAlive(pid: number, ageMs: number): boolean {
  return pid === process.pid ? ageMs < process.uptime() * 1000 : isAlive(pid);
}

const listFolder = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
