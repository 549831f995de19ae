import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes, freeBytes, installError } from './installError.js';
import { nameOf, type Pin, type Variant, type Wheel } from './pins.js';
import { type Cache, cacheOf, type Environment, pinFor, surroundingsOf } from './surroundings.js';

/** What an installation will do, said before it begins. */
export interface InstallPlan {
  readonly name: string;
  readonly variant: Variant;
  readonly version: string;
  readonly directory: string;
  /** How many bytes are to be fetched: 0 when all wheels lie in the cache. */
  readonly downloadBytes: number;
  readonly unpackedBytes: number;
}

export interface PlanOptions {
  /** `cpu` unless asked otherwise. */
  readonly variant?: Variant;
  readonly environment?: Environment;
}

/** @throws ENGINE_INSTALL where there is no such library for this machine */
export async function planInstall(options: PlanOptions = {}): Promise<InstallPlan> {
  const { variant = 'cpu', environment } = options;
  const surroundings = surroundingsOf(environment);
  const pin = pinFor(variant, surroundings);
  const cache = cacheOf(surroundings);
  const name = nameOf(pin);
  return {
    name,
    variant,
    version: pin.version,
    directory: join(cache.engines, name),
    downloadBytes: sumOf(await missingWheels(pin, cache)),
    unpackedBytes: unpackedBytesOf(pin),
  };
}

/** Those that no earlier, interrupted installation left in the cache. */
export async function missingWheels(pin: Pin, { downloads }: Cache): Promise<Wheel[]> {
  const missing: Wheel[] = [];
  for (const wheel of pin.wheels) {
    const found = await stat(join(downloads, wheel.file)).catch(() => null);
    if (found?.size !== wheel.bytes) missing.push(wheel);
  }
  return missing;
}

export const sumOf = (wheels: readonly Wheel[]): number =>
  wheels.reduce((sum, { bytes }) => sum + bytes, 0);

const unpackedBytesOf = ({ wheels }: Pin): number =>
  wheels.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);

/**
 * Better now than after half an hour of fetching.
 *
 * @param toFetch what will be fetched; pip needs room for one wheel twice, and is done before unpacking
 * @throws ENGINE_INSTALL with what is needed and what is free
 */
export async function checkSpace(
  pin: Pin,
  toFetch: readonly Wheel[],
  { root }: Cache,
): Promise<void> {
  const largest = Math.max(0, ...toFetch.map(({ bytes }) => bytes));
  const needed = sumOf(toFetch) + Math.max(largest, unpackedBytesOf(pin));
  const free = await freeBytes(root);
  if (free >= needed) return;
  throw installError(
    `${nameOf(pin)} needs ${formatBytes(needed)} in ${root}, and ${formatBytes(free)} are free`,
    'Free some space, or choose another disk with LOCKSTEP_CACHE=DIR.',
  );
}
