import { existsSync } from 'node:fs';
import { toLockstepError } from '@lockstep/core';
import {
  type Environment,
  findEngine,
  formatBytes,
  type InstallPlan,
  installEngine,
  planInstall,
} from '@lockstep/tensorflow/install';
import { InstallLine } from '../terminal/installLine.js';
import type { TextStream } from '../terminal/screen.js';

export interface EnsureOptions {
  /** stderr: what it says is no part of a command's result. */
  readonly stream: TextStream;
  readonly environment?: Environment;
}

/**
 * Installs the native library the first time that an engine may want it, before anybody waits for a worker.
 * `auto` goes on without it where it cannot be installed, and says why in one line.
 *
 * @throws ENGINE_INSTALL where `tensorflow` was asked for by name and cannot be installed
 */
export async function ensureEngine(
  engine: string,
  { stream, environment = {} }: EnsureOptions,
): Promise<void> {
  if (engine !== 'auto' && engine !== 'tensorflow') return;
  try {
    if ((await findEngine({ environment })) !== null) return;
    await installFirst({ stream, environment });
  } catch (thrown) {
    const error = toLockstepError(thrown);
    if (engine !== 'auto' || error.code !== 'ENGINE_INSTALL') throw thrown;
    stream.write(
      `warning: going on without the native engine (wasm runs everywhere): ${error.message}\n`,
    );
  }
}

/** There when the driver of NVIDIA is loaded. */
const nvidiaDriver = '/proc/driver/nvidia/version';

/** Nothing is announced that is not done: offline, or without pip, the first piece of progress never comes. */
async function installFirst({ stream, environment }: Required<EnsureOptions>): Promise<void> {
  const plan = await planInstall({ environment });
  const line = new InstallLine(stream);
  let announced = false;
  try {
    await installEngine({
      environment,
      onProgress: (progress) => {
        if (!announced && progress.stage !== 'waiting') {
          announced = true;
          stream.write(announcementOf(plan));
        }
        line.show(progress);
      },
    });
  } finally {
    line.end();
  }
}

function announcementOf({ version, directory, downloadBytes, unpackedBytes }: InstallPlan): string {
  const sizes = `${formatBytes(downloadBytes)}, ${formatBytes(unpackedBytes)} unpacked`;
  const gpu = existsSync(nvidiaDriver)
    ? "For the NVIDIA GPU of this machine there is 'lockstep engine install --cuda'.\n"
    : '';
  return `Installing the native engine, once: TensorFlow ${version} (${sizes}) in ${directory}\n${gpu}`;
}
