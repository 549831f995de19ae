import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArchitecture } from './architecture.js';
import { type Manifest, readManifest } from './manifest.js';
import { nameOf, type Pin, type Variant } from './pins.js';
import { type Cache, cacheOf, type Environment, surroundingsOf } from './surroundings.js';

/** A native library that is whole and ready to be loaded. */
export interface InstalledEngine {
  /** `tensorflow-2.21.0-cpu-linux-x64` */
  readonly name: string;
  readonly variant: Variant;
  /** Of TensorFlow. */
  readonly version: string;
  readonly directory: string;
  /** Path of libtensorflow_cc, with libtensorflow_framework beside it. */
  readonly library: string;
  readonly bytes: number;
}

export interface FindOptions {
  /** `auto` takes `cuda` where it is installed: nobody installs it without meaning it. */
  readonly variant?: Variant | 'auto';
  readonly environment?: Environment;
}

/**
 * The installed library of the pinned version for this machine.
 *
 * @returns null where none is installed, or not all of it, or one that this machine cannot run: a cache in a
 *   home that several machines share may hold one, and without AVX it would end the process when loaded
 * @throws ENGINE_INSTALL when what is there is for another machine
 */
export async function findEngine(options: FindOptions = {}): Promise<InstalledEngine | null> {
  const { variant = 'auto', environment } = options;
  const surroundings = surroundingsOf(environment);
  const wanted: readonly Variant[] = variant === 'auto' ? ['cuda', 'cpu'] : [variant];
  const pinsHere = surroundings.pins.filter(
    ({ platform, architecture }) =>
      platform === surroundings.platform && architecture === surroundings.architecture,
  );
  for (const each of wanted) {
    const pin = pinsHere.find((candidate) => candidate.variant === each);
    const found = pin === undefined ? null : await findPinned(pin, cacheOf(surroundings));
    if (found !== null) return surroundings.obstacle() === null ? found : null;
  }
  return null;
}

/** An installed engine of these very wheels. */
export async function findPinned(pin: Pin, { engines }: Cache): Promise<InstalledEngine | null> {
  const name = nameOf(pin);
  const directory = join(engines, name);
  const manifest = await readManifest(directory);
  const wheels = pin.wheels.map(({ sha256 }) => sha256).join();
  if (manifest === null || manifest.wheels.join() !== wheels) return null;
  const engine = engineOf(directory, manifest);
  const hint = `Run 'lockstep engine remove ${name}', then 'lockstep engine install'.`;
  await checkArchitecture(engine.library, pin, hint);
  return engine;
}

/** Everything that is installed, of whatever version, by name. */
export async function listEngines(
  options: { readonly environment?: Environment } = {},
): Promise<InstalledEngine[]> {
  const { engines } = cacheOf(surroundingsOf(options.environment));
  const found: InstalledEngine[] = [];
  for (const name of (await readdir(engines).catch((): string[] => [])).sort()) {
    const directory = join(engines, name);
    const manifest = await readManifest(directory);
    if (manifest !== null) found.push(engineOf(directory, manifest));
  }
  return found;
}

function engineOf(directory: string, manifest: Manifest): InstalledEngine {
  const { name, variant, version, files } = manifest;
  return {
    name,
    variant,
    version,
    directory,
    library: join(directory, manifest.library),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
