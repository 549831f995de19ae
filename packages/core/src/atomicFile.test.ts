import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkAtomically, removeLeftovers, writeAtomically } from './atomicFile.js';

const otherDisk = '/dev/shm';
const hasOtherDisk = await Promise.all([stat(tmpdir()), stat(otherDisk)]).then(
  ([here, there]) => here.dev !== there.dev,
  () => false,
);

describe('atomic files', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'atomic-'));
  });
  afterEach(async () => await rm(directory, { recursive: true }));
  const path = (name: string) => join(directory, name);

  it('writes parts one after another and replaces what was there', async () => {
    await writeFile(path('a'), 'a longer text than the new one');
    expect(await writeAtomically(path('a'), ['é', new Uint8Array([33]), ''])).toBe(3);
    expect(await readFile(path('a'), 'utf8')).toBe('é!');
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('writes several at once, each whole', async () => {
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(1000));
    await Promise.all(texts.map((text) => writeAtomically(path('a'), [text])));
    expect(texts).toContain(await readFile(path('a'), 'utf8'));
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('leaves nothing behind when it fails, and says why', async () => {
    await mkdir(path('a'));
    await writeFile(path('a/b'), '');
    await expect(writeAtomically(path('a'), ['text'])).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
      message: expect.stringMatching(/^cannot write .*a: E\w+: /),
      hint: expect.any(String),
    });
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('gives a file a second name', async () => {
    await writeFile(path('a'), 'text');
    await writeFile(path('b'), 'old');
    expect(await linkAtomically(path('a'), path('b'))).toBe(true);
    expect((await stat(path('b'))).ino).toBe((await stat(path('a'))).ino);
    // The same file under both names is the one case in which a rename does nothing.
    expect(await linkAtomically(path('a'), path('b'))).toBe(true);
    expect((await readdir(directory)).sort()).toEqual(['a', 'b']);
  });

  it.skipIf(!hasOtherDisk)('says where no second name can be made (needs /dev/shm)', async () => {
    await writeFile(path('a'), 'text');
    const there = await mkdtemp(join(otherDisk, 'atomic-'));
    expect(await linkAtomically(path('a'), join(there, 'b'))).toBe(false);
    expect(await readdir(there)).toEqual([]);
    await rm(there, { recursive: true });
    await expect(linkAtomically(path('absent'), path('b'))).rejects.toMatchObject({
      code: 'RUN_DIRECTORY',
    });
  });

  it('removes leftovers of the dead only', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const living = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    const kept = [`.a.${living.pid}.1.tmp`, 'a.tmp', `a.${dead}.1.tmp`, '.hidden'];
    for (const name of [...kept, `.a.${dead}.1.tmp`, `.a.${process.pid}.0.tmp`]) {
      await writeFile(path(name), '');
    }
    await removeLeftovers(directory);
    expect((await readdir(directory)).sort()).toEqual(kept.sort());
    living.kill();
    await once(living, 'exit');
  });

  it('does not take a file that is being written for a leftover', async () => {
    const big = new Uint8Array(1 << 20);
    const writing = writeAtomically(path('a'), [big]);
    await removeLeftovers(directory);
    expect(await writing).toBe(big.length);
    await access(path('a'));
  });
});
