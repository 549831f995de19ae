import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LockstepError, toLockstepError } from '@lockstep/core';
import { findPip, formatBytes, listEngines, planInstall } from '@lockstep/tensorflow/install';
import { probeEngines } from '@lockstep/worker';
import { type Check, check } from './check.js';

/** Every engine, and why those that do not work do not. One that works is enough. */
export async function checkEngines(): Promise<Check[]> {
  const probes = await probeEngines();
  const each = probes.map(
    ({ name, works, device, reason }): Check => ({
      name: `engine ${name}`,
      detail: works ? `works: ${device}` : `does not work here: ${reason}`,
    }),
  );
  if (probes.some(({ works }) => works)) return each;
  const none = await check('engines', () => {
    throw new LockstepError('ENGINE_UNAVAILABLE', 'no engine works here', {
      hint: "Install the dependencies again with 'npm ci'.",
    });
  });
  return [...each, none];
}

/** The native libraries that are installed, or how to get one; none of them has to be there. */
export async function checkLibraries(): Promise<Check[]> {
  const engines = await listEngines();
  const rows = engines.map(
    ({ version, variant, bytes, directory }): Check => ({
      name: 'native library',
      detail: `TensorFlow ${version} (${variant}), ${formatBytes(bytes)} in ${directory}`,
    }),
  );
  return rows.length > 0 ? rows : [{ name: 'native library', detail: await howToInstall() }];
}

async function howToInstall(): Promise<string> {
  try {
    const { version, downloadBytes } = await planInstall();
    const size = formatBytes(downloadBytes);
    return `not installed; 'lockstep engine install' fetches TensorFlow ${version} (${size})`;
  } catch (thrown) {
    return `not installed: ${toLockstepError(thrown).message}`;
  }
}

/** What would fetch the native library. */
export async function checkPip(): Promise<Check> {
  const name = 'Python and pip';
  try {
    const { description } = await findPip();
    return { name, detail: description };
  } catch (thrown) {
    return { name, detail: toLockstepError(thrown).message };
  }
}

/**
 * Whether the native addon of the stock TensorFlow.js package was built. Only the addon is tried: the
 * package's own index prints to the console and does not load on newer versions of Node.
 */
export function checkStockAddon(): Check {
  const name = '@tensorflow/tfjs-node-gpu';
  try {
    // It is the worker's dependency, not ours.
    const require = createRequire(import.meta.resolve('@lockstep/worker'));
    const library = join(dirname(require.resolve(`${name}/package.json`)), 'lib');
    const addons = readdirSync(library, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.node'),
    );
    const addon = addons[0];
    if (addon === undefined) return { name, detail: 'native addon: not built' };
    require(join(library, addon));
    return { name, detail: 'native addon: built, and it loads' };
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'not built' : `does not load: ${message.split('\n')[0]}`;
    return { name, detail: `native addon: ${reason}` };
  }
}
