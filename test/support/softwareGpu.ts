import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const manifest = 'vk_swiftshader_icd.json';
const loader = 'libvulkan.so.1';
const systemLibraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu', ''].map((name) =>
  join('/usr/lib', name),
);

/**
 * What a process needs in its environment, from its start, to find SwiftShader: the Vulkan driver that
 * computes on the processor and comes with Chromium. It stands behind the drivers that are installed.
 * Empty where there is no Chromium: tests that need a GPU are then skipped, unless there is one.
 */
export function softwareGpu(): Record<string, string> {
  const path = (process.env.PATH ?? '').split(':');
  const browsers = path
    .flatMap((folder) => ['chromium', 'google-chrome'].map((name) => join(folder, name)))
    .filter((file) => existsSync(file))
    .map((file) => dirname(realpathSync(file)));
  const folder = [...browsers, '/usr/lib/chromium', '/usr/lib/chromium-browser'].find((candidate) =>
    existsSync(join(candidate, manifest)),
  );
  if (folder === undefined) return {};
  const driver = { VK_ADD_DRIVER_FILES: join(folder, manifest) };
  if (systemLibraries.some((library) => existsSync(join(library, loader)))) return driver;
  // Chromium has a Vulkan loader beside it.
  const libraries = [process.env.LD_LIBRARY_PATH, folder].filter((each) => each !== undefined);
  return { ...driver, LD_LIBRARY_PATH: libraries.join(':') };
}
