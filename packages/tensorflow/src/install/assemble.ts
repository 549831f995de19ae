import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArchitecture } from './architecture.js';
import { findPinned } from './find.js';
import type { WheelFile } from './fromFiles.js';
import { errnoIn, installError } from './installError.js';
import { type InstalledFile, writeManifest } from './manifest.js';
import { nameOf, type Pin } from './pins.js';
import { Counter, type OnProgress } from './progress.js';
import { setAside } from './remove.js';
import { withStaging } from './staging.js';
import type { Cache } from './surroundings.js';
import { unpack } from './unpack.js';

/**
 * Unpacks the wheels into the directory of the engine, which is there whole or not at all: unpacked beside
 * it, flushed, the manifest written last, renamed, the directory flushed.
 */
export async function assemble(
  pin: Pin,
  wheelFiles: readonly WheelFile[],
  cache: Cache,
  onProgress: OnProgress,
): Promise<void> {
  await withStaging(cache.staging, async (folder) => {
    const directory = join(folder, 'engine');
    await mkdir(directory, { recursive: true });
    const files = await unpackAll(wheelFiles, directory, onProgress);
    if (!files.some(({ path }) => path === pin.library)) {
      const names = wheelFiles.map(({ path }) => path).join(', ');
      throw installError(`${pin.library} is not in ${names}`, 'Fetch the wheel again.');
    }
    const hint = 'Give the wheel for this machine, or use --engine wasm.';
    await checkArchitecture(join(directory, pin.library), pin, hint);
    const { variant, version, platform, architecture, library } = pin;
    const wheels = pin.wheels.map(({ sha256 }) => sha256);
    const about = { variant, version, platform, architecture, library, wheels, files };
    await writeManifest(directory, { format: 1, name: nameOf(pin), ...about });
    await putInPlace(pin, cache, directory, folder);
    await flushDirectory(cache.engines);
  });
}

async function unpackAll(
  wheelFiles: readonly WheelFile[],
  directory: string,
  onProgress: OnProgress,
): Promise<InstalledFile[]> {
  const total = wheelFiles.reduce((sum, { wheel }) => sum + wheel.unpackedBytes, 0);
  const counter = new Counter('unpacking', total, onProgress);
  const files: InstalledFile[] = [];
  for (const { wheel, path } of wheelFiles) {
    counter.at(wheel.file, 0);
    files.push(
      ...(await unpack(path, wheel.members, directory, (bytes) => counter.at(wheel.file, bytes))),
    );
    counter.finish(wheel.file, wheel.unpackedBytes);
  }
  return files;
}

/** Gives way to a whole engine that came meanwhile, and takes the place of what is not one. */
async function putInPlace(
  pin: Pin,
  cache: Cache,
  directory: string,
  folder: string,
): Promise<void> {
  const place = join(cache.engines, nameOf(pin));
  try {
    await rename(directory, place);
  } catch (thrown) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(errnoIn(thrown) ?? '')) throw thrown;
    if ((await findPinned(pin, cache)) !== null) return;
    await setAside(place, folder);
    await rename(directory, place);
  }
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
