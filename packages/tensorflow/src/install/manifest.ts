import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Variant } from './pins.js';

export interface InstalledFile {
  /** In the directory of the engine, with slashes. */
  readonly path: string;
  readonly bytes: number;
}

/** What an installed engine says of itself, in a file that is written last. */
export interface Manifest {
  readonly format: 1;
  readonly name: string;
  readonly variant: Variant;
  readonly version: string;
  readonly platform: string;
  readonly architecture: string;
  readonly library: string;
  /** sha256 of the wheels that it was unpacked from, in order. */
  readonly wheels: readonly string[];
  readonly files: readonly InstalledFile[];
}

const fileName = 'engine.json';

export async function writeManifest(directory: string, manifest: Manifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFile(join(directory, fileName), text, { flush: true });
}

/** Null where no engine is, or not all of one: no manifest, or a file that is missing or cut short. */
export async function readManifest(directory: string): Promise<Manifest | null> {
  const manifest = await parse(join(directory, fileName));
  if (manifest === null) return null;
  for (const { path, bytes } of manifest.files) {
    const found = await stat(join(directory, path)).catch(() => null);
    if (found?.size !== bytes) return null;
  }
  return manifest;
}

async function parse(file: string): Promise<Manifest | null> {
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Partial<Manifest>;
    const { format, files, wheels } = manifest;
    const isWhole = format === 1 && Array.isArray(files) && Array.isArray(wheels);
    return isWhole ? (manifest as Manifest) : null;
  } catch {
    return null;
  }
}
