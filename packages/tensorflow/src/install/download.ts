import type { ChildProcess } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { platformsOf } from './fromFiles.js';
import { elsewhere, installError } from './installError.js';
import type { Wheel } from './pins.js';
import type { Pip } from './pip.js';
import { pipError } from './pipError.js';
import { spawnGroup } from './processGroup.js';

export interface DownloadOptions {
  readonly pip: Pip;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** A folder that goes away afterwards; pip's temporary files are in it, too. */
  readonly folder: string;
  readonly onBytes: (bytes: number) => void;
  /** How long pip may go without a byte more. */
  readonly stallMs?: number;
}

const lookMs = 200;
const keptErrors = 64 * 1024;

/**
 * Lets pip fetch one wheel, from where its own configuration says. pip draws its progress for terminals only,
 * so that what it has written is looked at instead.
 *
 * @returns path of the wheel in the folder
 * @throws ENGINE_INSTALL with the last lines of what pip said
 */
export async function downloadWheel(wheel: Wheel, options: DownloadOptions): Promise<string> {
  const { pip, variables, folder, onBytes, stallMs = 180_000 } = options;
  const temporary = join(folder, 'temporary');
  const destination = join(folder, 'wheel');
  await mkdir(temporary, { recursive: true });
  await mkdir(destination, { recursive: true });
  const requirements = join(folder, 'requirements.txt');
  const { project, version, sha256, file } = wheel;
  await writeFile(requirements, `${project}==${version} --hash=sha256:${sha256}\n`);
  const words = [
    ...[...pip.words, 'download', '--no-deps', '--only-binary=:all:', '--require-hashes'],
    ...['--no-cache-dir', '--disable-pip-version-check', '--no-input', '--progress-bar=off'],
    ...['--retries=2', '--requirement', requirements, '--dest', destination],
    ...['--implementation', 'cp', '--python-version', '311'],
    ...platformsOf(file).flatMap((platform) => ['--platform', platform]),
  ];
  const env = { ...variables, TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: '0' };
  const { child, kill, release } = spawnGroup(pip.command, words, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const watch = watchBytes(kill, [temporary, destination], stallMs, (bytes) =>
    onBytes(Math.min(bytes, wheel.bytes)),
  );
  try {
    const { code, said } = await endOf(child);
    if (watch.stalled()) {
      const message = `pip got no byte of ${file} for ${stallMs / 1000} s`;
      throw installError(message, `Check the network and try again; or ${elsewhere}.`);
    }
    if (code !== 0) throw pipError(wheel, code, said);
  } finally {
    watch.stop();
    release();
  }
  const [fetched] = (await readdir(destination)).filter((name) => name.endsWith('.whl'));
  if (fetched === undefined) throw pipError(wheel, 0, 'pip wrote no wheel');
  return join(destination, fetched);
}

/** Tells how much the folders hold, and ends a program that writes nothing more. */
function watchBytes(
  kill: () => void,
  folders: readonly string[],
  stallMs: number,
  onBytes: (bytes: number) => void,
): { readonly stalled: () => boolean; readonly stop: () => void } {
  let seen = { bytes: 0, at: performance.now() };
  let stalled = false;
  let stopped = false;
  const timer = setInterval(async () => {
    let bytes = 0;
    for (const folder of folders) bytes += await bytesIn(folder);
    if (stopped) return;
    const now = performance.now();
    if (bytes > seen.bytes) {
      seen = { bytes, at: now };
      onBytes(bytes);
    } else if (now - seen.at > stallMs) {
      stalled = true;
      kill();
    }
  }, lookMs);
  const stop = (): void => {
    stopped = true;
    clearInterval(timer);
  };
  return { stalled: () => stalled, stop };
}

/** pip makes and removes files meanwhile: what is gone counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  let bytes = 0;
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) bytes += found.size;
  }
  return bytes;
}

function endOf(child: ChildProcess): Promise<{ code: number | string | null; said: string }> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-keptErrors);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, said: error.message }));
    child.once('close', (code, signal) => resolve({ code: signal ?? code, said }));
  });
}
