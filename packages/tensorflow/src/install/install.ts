import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@lockstep/core';
import { assemble } from './assemble.js';
import { fetchWheels } from './fetch.js';
import { findPinned, type InstalledEngine } from './find.js';
import { checkWheelFiles, type WheelFile, wheelFilesIn } from './fromFiles.js';
import { cacheError, installError } from './installError.js';
import { withLock } from './lock.js';
import { nameOf, type Pin, type Variant } from './pins.js';
import { checkSpace, missingWheels } from './plan.js';
import type { OnProgress } from './progress.js';
import { removeLeftovers } from './staging.js';
import {
  type Cache,
  cacheOf,
  type Environment,
  pinFor,
  type Surroundings,
  surroundingsOf,
} from './surroundings.js';

export interface InstallOptions {
  /** `cpu` unless asked otherwise. */
  readonly variant?: Variant;
  /** A wheel file, or a folder with all wheels of the engine; otherwise pip fetches them. */
  readonly from?: string | null;
  readonly onProgress?: OnProgress;
  readonly environment?: Environment;
}

/**
 * Installs a native library, or gives back the one that is installed. Several processes may do so at once;
 * what was interrupted goes on with the wheels that were fetched.
 *
 * @throws ENGINE_INSTALL with the cause and what to do
 */
export async function installEngine(options: InstallOptions = {}): Promise<InstalledEngine> {
  const { variant = 'cpu', from = null, onProgress = () => undefined, environment } = options;
  const surroundings = surroundingsOf(environment);
  const pin = pinFor(variant, surroundings);
  const cache = cacheOf(surroundings);
  const present = await findPinned(pin, cache);
  if (present !== null) return present;
  const given = from === null ? null : await wheelFilesIn(from, pin);
  try {
    await makeFolder(cache.engines);
    await makeFolder(cache.staging);
    return await withLock(
      join(cache.root, `${nameOf(pin)}.lock`),
      {
        onWait: (holder) => {
          const what = holder === null ? 'another process' : `${holder.host}, pid ${holder.pid}`;
          onProgress({ stage: 'waiting', what, done: 0, total: 0 });
        },
      },
      () => installAlone(pin, given, cache, surroundings, onProgress),
    );
  } catch (thrown) {
    throw await cacheError(cache.root, thrown);
  }
}

async function installAlone(
  pin: Pin,
  given: readonly WheelFile[] | null,
  cache: Cache,
  surroundings: Surroundings,
  onProgress: OnProgress,
): Promise<InstalledEngine> {
  // Whoever held the lock before may have installed it.
  const present = await findPinned(pin, cache);
  if (present !== null) return present;
  await removeLeftovers(cache.staging);
  await checkSpace(pin, given === null ? await missingWheels(pin, cache) : [], cache);
  if (given !== null) await checkWheelFiles(given, surroundings.pins, onProgress);
  const wheelFiles = given ?? (await fetchWheels(pin, cache, surroundings, onProgress));
  await assemble(pin, wheelFiles, cache, onProgress);
  for (const { file } of pin.wheels) await rm(join(cache.downloads, file), { force: true });
  const installed = await findPinned(pin, cache);
  if (installed !== null) return installed;
  throw installError(
    `${nameOf(pin)} was removed while it was installed`,
    "Run 'lockstep engine install' again.",
  );
}
