import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOfFile, wrongHash } from './checkWheel.js';
import { installError } from './installError.js';
import { nameOf, type Pin, type Wheel } from './pins.js';
import { Counter, type OnProgress } from './progress.js';

/** A wheel and where it is. */
export interface WheelFile {
  readonly wheel: Wheel;
  readonly path: string;
}

/**
 * The wheels of an engine from a wheel file, or from a folder that holds them all.
 *
 * @throws ENGINE_INSTALL naming the files that are missing; nothing is read yet
 */
export async function wheelFilesIn(from: string, pin: Pin): Promise<WheelFile[]> {
  const found = await stat(from).catch(() => null);
  if (found === null) {
    throw installError(`${from} is not there`, 'Give a wheel file, or the folder that holds it.');
  }
  const [first] = pin.wheels;
  if (!found.isDirectory()) {
    if (first !== undefined && pin.wheels.length === 1) return [{ wheel: first, path: from }];
    throw installError(
      `${nameOf(pin)} is made of ${pin.wheels.length} wheels, and ${from} is one file`,
      'Give the folder that holds them all.',
    );
  }
  const files = pin.wheels.map((wheel) => ({ wheel, path: join(from, wheel.file) }));
  const missing: Wheel[] = [];
  for (const { wheel, path } of files) {
    if ((await stat(path).catch(() => null)) === null) missing.push(wheel);
  }
  if (missing.length === 0) return files;
  throw installError(
    `${from} does not hold ${missing.map(({ file }) => file).join(', ')}`,
    `Where there is a network: ${downloadCommandFor(missing[0]!)}`,
  );
}

/** What people type on a machine with a network. */
function downloadCommandFor({ project, version, file }: Wheel): string {
  const platforms = platformsOf(file).flatMap((platform) => ['--platform', platform]);
  return `python3 -m pip download --no-deps --only-binary=:all: --python-version 311 ${platforms.join(' ')} ${project}==${version}`;
}

/** The platform tags of a wheel, from its name (PEP 427). */
export function platformsOf(file: string): string[] {
  const last =
    file
      .replace(/\.whl$/, '')
      .split('-')
      .at(-1) ?? '';
  return last.split('.');
}

/** @throws ENGINE_INSTALL when a file is not the very wheel that is pinned */
export async function checkWheelFiles(
  files: readonly WheelFile[],
  pins: readonly Pin[],
  onProgress: OnProgress,
): Promise<void> {
  const total = files.reduce((sum, { wheel }) => sum + wheel.bytes, 0);
  const counter = new Counter('checking', total, onProgress);
  for (const { wheel, path } of files) {
    const found = await hashOfFile(path, (bytes) => counter.at(wheel.file, bytes));
    if (found !== wheel.sha256) throw wrongHash(path, found, wheel, pins);
    counter.finish(wheel.file, wheel.bytes);
  }
}
