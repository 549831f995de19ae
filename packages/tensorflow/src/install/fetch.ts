import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOfFile, wrongHash } from './checkWheel.js';
import { downloadWheel } from './download.js';
import type { WheelFile } from './fromFiles.js';
import { elsewhere, installError } from './installError.js';
import type { Pin, Wheel } from './pins.js';
import { findPip, type Pip } from './pip.js';
import { missingWheels, sumOf } from './plan.js';
import { Counter, type OnProgress } from './progress.js';
import { withStaging } from './staging.js';
import { type Cache, isOffline, type Surroundings } from './surroundings.js';

/**
 * All wheels of an engine in the folder for downloads: those that an interrupted installation left there are
 * used again when their bytes are right, the others are fetched one by one.
 *
 * @throws ENGINE_INSTALL: offline, no pip, or what pip says
 */
export async function fetchWheels(
  pin: Pin,
  cache: Cache,
  surroundings: Surroundings,
  onProgress: OnProgress,
): Promise<WheelFile[]> {
  await mkdir(cache.downloads, { recursive: true });
  await removeDamaged(pin, cache, onProgress);
  const missing = await missingWheels(pin, cache);
  if (missing.length > 0) {
    if (isOffline(surroundings)) {
      throw installError(
        `LOCKSTEP_OFFLINE is set, and ${missing.map(({ file }) => file).join(', ')} would have to be fetched`,
        `Unset LOCKSTEP_OFFLINE; or ${elsewhere}.`,
      );
    }
    const pip = await findPip({ environment: surroundings });
    const counter = new Counter('fetching', sumOf(missing), onProgress);
    for (const wheel of missing) await fetchOne(wheel, pip, cache, surroundings, counter);
  }
  return pin.wheels.map((wheel) => ({ wheel, path: join(cache.downloads, wheel.file) }));
}

async function fetchOne(
  wheel: Wheel,
  pip: Pip,
  cache: Cache,
  surroundings: Surroundings,
  counter: Counter,
): Promise<void> {
  const { variables, pins } = surroundings;
  counter.at(wheel.file, 0);
  await withStaging(cache.staging, async (folder) => {
    const onBytes = (bytes: number): void => counter.at(wheel.file, bytes);
    const path = await downloadWheel(wheel, { pip, variables, folder, onBytes });
    // pip has compared the hash; what is loaded into this process is not left to a program that may be any.
    const found = await hashOfFile(path);
    if (found !== wheel.sha256) throw wrongHash(path, found, wheel, pins);
    await rename(path, join(cache.downloads, wheel.file));
  });
  counter.finish(wheel.file, wheel.bytes);
}

/** A download that has other bytes than it should have is fetched again. */
async function removeDamaged(pin: Pin, cache: Cache, onProgress: OnProgress): Promise<void> {
  const missing = await missingWheels(pin, cache);
  const there = pin.wheels.filter((wheel) => !missing.includes(wheel));
  const counter = new Counter('checking', sumOf(there), onProgress);
  for (const wheel of there) {
    const path = join(cache.downloads, wheel.file);
    const found = await hashOfFile(path, (bytes) => counter.at(wheel.file, bytes));
    if (found !== wheel.sha256) await rm(path, { force: true });
    counter.finish(wheel.file, wheel.bytes);
  }
}
