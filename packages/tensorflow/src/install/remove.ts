import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheError, installError } from './installError.js';
import { removeLeftovers, withStaging } from './staging.js';
import { type Cache, cacheOf, type Environment, surroundingsOf } from './surroundings.js';

export interface RemoveOptions {
  readonly environment?: Environment;
}

/**
 * Removes an engine by its name, whole or not.
 *
 * @throws ENGINE_INSTALL when none of that name is there, with those that are
 */
export async function removeEngine(name: string, options: RemoveOptions = {}): Promise<void> {
  const cache = cacheOf(surroundingsOf(options.environment));
  const names = await namesIn(cache);
  if (!names.includes(name)) {
    const installed = names.length === 0 ? 'none is installed' : `installed: ${names.join(', ')}`;
    throw installError(
      `no engine '${name}' is installed`,
      `See 'lockstep engine list': ${installed}.`,
    );
  }
  await removeFrom(cache, name);
}

/** Removes every engine, and what was fetched for one and not used. @returns names */
export async function removeAllEngines(options: RemoveOptions = {}): Promise<string[]> {
  const cache = cacheOf(surroundingsOf(options.environment));
  const names = await namesIn(cache);
  for (const name of names) await removeFrom(cache, name);
  try {
    await rm(cache.downloads, { recursive: true, force: true });
    await removeLeftovers(cache.staging);
  } catch (thrown) {
    throw await cacheError(cache.root, thrown);
  }
  return names;
}

async function namesIn({ engines }: Cache): Promise<string[]> {
  return (await readdir(engines).catch((): string[] => [])).sort();
}

/** By way of the staging folder: an engine that is half removed is never found. */
async function removeFrom({ root, engines, staging }: Cache, name: string): Promise<void> {
  try {
    await withStaging(staging, (folder) => setAside(join(engines, name), folder));
  } catch (thrown) {
    throw await cacheError(root, thrown);
  }
}

/** Moves a directory into a staging folder, with which it goes. */
export async function setAside(directory: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await rename(directory, join(folder, 'removed'));
}
