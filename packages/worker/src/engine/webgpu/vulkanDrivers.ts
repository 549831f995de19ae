import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/core';

export const driverHint =
  "Install the GPU's driver with its Vulkan part (and the loader, libvulkan1), or use --engine wasm.";

type Environment = Readonly<Record<string, string | undefined>>;

/** ENGINE_UNAVAILABLE on a Linux without a Vulkan driver. */
export function checkVulkanDrivers(): void {
  if (process.platform !== 'linux' || vulkanDriverManifests(process.env).length > 0) return;
  throw new LockstepError('ENGINE_UNAVAILABLE', 'webgpu: no Vulkan driver is installed', {
    hint: driverHint,
  });
}

/**
 * Manifests of the Vulkan drivers that the Vulkan loader of Linux would look at.
 *
 * Asked before Dawn is loaded: loading takes a while, Dawn writes to the terminal where there is no
 * Vulkan at all, and most machines without a GPU have none. The folders are those of the loader's documentation, and NixOS's.
 * https://github.com/KhronosGroup/Vulkan-Loader/blob/main/docs/LoaderDriverInterface.md
 */
export function vulkanDriverManifests(environment: Environment, home = homedir()): string[] {
  const list = (name: string) => (environment[name] ?? '').split(':').filter((path) => path !== '');
  const chosen = [...list('VK_DRIVER_FILES'), ...list('VK_ICD_FILENAMES')];
  if (chosen.length > 0) return chosen.flatMap(manifestsAt);
  const orElse = (paths: string[], otherwise: string[]) => (paths.length > 0 ? paths : otherwise);
  const roots = [
    environment.XDG_CONFIG_HOME ?? join(home, '.config'),
    ...orElse(list('XDG_CONFIG_DIRS'), ['/etc/xdg']),
    '/etc',
    environment.XDG_DATA_HOME ?? join(home, '.local/share'),
    ...orElse(list('XDG_DATA_DIRS'), ['/usr/local/share', '/usr/share']),
    '/run/opengl-driver/share',
  ];
  const folders = roots.map((root) => join(root, 'vulkan/icd.d'));
  return [...list('VK_ADD_DRIVER_FILES'), ...folders].flatMap(manifestsAt);
}

/** The manifest at a path, or those in the folder at a path. */
function manifestsAt(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) return [path];
  if (!stats?.isDirectory()) return [];
  const names = readdirSync(path).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(path, name));
}
