import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { errnoIn, installError } from './installError.js';
import type { InstalledFile } from './manifest.js';

/**
 * Unpacks the wanted members of a wheel, flushed to the disk. Names that would leave the directory are
 * refused by the reader of the zip file.
 *
 * @param onBytes hears how many unpacked bytes were written so far
 * @throws ENGINE_INSTALL for a file that is no zip file, or is damaged
 */
export async function unpack(
  file: string,
  members: RegExp,
  directory: string,
  onBytes: (bytes: number) => void,
): Promise<InstalledFile[]> {
  try {
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
    try {
      return await unpackFrom(zip, members, directory, onBytes);
    } finally {
      zip.close();
    }
  } catch (thrown) {
    // What the disk says is told by who knows the disk.
    if (errnoIn(thrown) !== undefined) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw installError(`${file} cannot be unpacked: ${reason}`, 'Fetch it again.', thrown);
  }
}

async function unpackFrom(
  zip: ZipFile,
  members: RegExp,
  directory: string,
  onBytes: (bytes: number) => void,
): Promise<InstalledFile[]> {
  const files: InstalledFile[] = [];
  let done = 0;
  for await (const entry of zip.eachEntry()) {
    if (!members.test(entry.fileName)) continue;
    const before = done;
    const bytes = await writeEntry(zip, entry, join(directory, entry.fileName), (written) => {
      done = before + written;
      onBytes(done);
    });
    files.push({ path: entry.fileName, bytes });
  }
  return files;
}

async function writeEntry(
  zip: ZipFile,
  entry: Entry,
  path: string,
  onBytes: (bytes: number) => void,
): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  let written = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      written += chunk.length;
      onBytes(written);
      next(null, chunk);
    },
  });
  // The upper half of the attributes is the Unix mode; what is executable in the wheel stays so.
  const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644;
  const output = createWriteStream(path, { flags: 'wx', mode, flush: true });
  await pipeline(await zip.openReadStreamPromise(entry), count, output);
  return written;
}
