import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from './makeFolder.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

it('makes all that is missing, also where others do so at the same time', async () => {
  for (let round = 0; round < 100; round++) {
    const path = join(root, String(round), 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'd'))]);
    expect(statSync(join(path, 'd')).isDirectory()).toBe(true);
    await makeFolder(path);
  }
});

it('says what is in the way', async () => {
  writeFileSync(join(root, 'file'), '');
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(root, 'file', 'a', 'b'))).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
});

it.skipIf(process.platform !== 'linux')(
  'ends where the system says that a folder is not there which is (needs /proc)',
  async () => {
    await expect(makeFolder('/proc/lockstep/cache')).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
