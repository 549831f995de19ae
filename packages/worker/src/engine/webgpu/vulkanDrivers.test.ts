import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vulkanDriverManifests } from './vulkanDrivers.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vulkan-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{}');
  return file;
}

describe('vulkanDriverManifests', () => {
  it('finds the manifests of every folder that the loader searches', () => {
    const own = write('.config/vulkan/icd.d/own.json');
    const local = write('.local/share/vulkan/icd.d/local.json');
    const shared = write('share/vulkan/icd.d/gpu.json');
    write('share/vulkan/icd.d/readme.txt');
    const environment = { XDG_DATA_DIRS: `${join(root, 'absent')}:${join(root, 'share')}` };
    const found = vulkanDriverManifests(environment, root).filter((path) => path.startsWith(root));
    expect(found).toEqual([own, local, shared]);
  });

  it('looks nowhere else where drivers are chosen, by files or by folders', () => {
    const [gpu, other] = [write('drivers/gpu.json'), write('other.json')];
    write('.config/vulkan/icd.d/own.json');
    const chosen = { VK_ICD_FILENAMES: join(root, 'drivers'), VK_ADD_DRIVER_FILES: other };
    expect(vulkanDriverManifests(chosen, root)).toEqual([gpu]);
    expect(vulkanDriverManifests({ VK_DRIVER_FILES: `${gpu}:${other}` }, root)).toEqual([
      gpu,
      other,
    ]);
    expect(vulkanDriverManifests({ VK_DRIVER_FILES: join(root, 'absent.json') }, root)).toEqual([]);
  });

  it('adds those that are named besides', () => {
    const added = write('added.json');
    const own = write('.config/vulkan/icd.d/own.json');
    const found = vulkanDriverManifests({ VK_ADD_DRIVER_FILES: added }, root);
    expect(found.filter((path) => path.startsWith(root))).toEqual([added, own]);
  });
});
