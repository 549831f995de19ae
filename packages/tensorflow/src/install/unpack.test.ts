import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { architectureOf } from './architecture.js';
import { unpack } from './unpack.js';
import { elfOf, zipOf } from './wheel.suite.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unpack-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('unpack', () => {
  const folder = fc.constantFrom('wanted', 'wanted/deeper', 'other');
  const content = fc.uint8Array({ maxLength: 3_000 });
  const member = fc.tuple(folder, fc.nat(3), content);

  it('writes the wanted members and counts their bytes', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 6 }), async (given) => {
        run += 1;
        const members = Object.fromEntries(given.map(([at, n, bytes]) => [`${at}/${n}`, bytes]));
        const file = join(root, `${run}.zip`);
        writeFileSync(file, zipOf(members));
        let counted = 0;
        const files = await unpack(file, /^wanted\//, join(root, `${run}`), (bytes) => {
          expect(bytes).toBeGreaterThanOrEqual(counted);
          counted = bytes;
        });
        const wanted = Object.entries(members).filter(([path]) => path.startsWith('wanted/'));
        expect(files).toEqual(wanted.map(([path, { length }]) => ({ path, bytes: length })));
        expect(counted).toBe(wanted.reduce((sum, [, { length }]) => sum + length, 0));
        for (const [path, bytes] of wanted) {
          expect(readFileSync(join(root, `${run}`, path)).equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('refuses names that lead out of the directory', async () => {
    const file = join(root, 'evil.zip');
    writeFileSync(file, zipOf({ '../evil': Buffer.from('x') }));
    const unpacking = unpack(file, /evil/, join(root, 'in'), () => undefined);
    await expect(unpacking).rejects.toMatchObject({ code: 'ENGINE_INSTALL' });
  });

  it('refuses a file that is cut short', async () => {
    const file = join(root, 'short.zip');
    writeFileSync(file, zipOf({ a: Buffer.alloc(1_000, 7) }).subarray(0, 60));
    const unpacking = unpack(file, /a/, join(root, 'in'), () => undefined);
    await expect(unpacking).rejects.toThrow(/short.zip cannot be unpacked/);
  });
});

describe('architectureOf', () => {
  const machO = Buffer.alloc(64);
  machO.writeUInt32LE(0xfeedfacf, 0);
  machO.writeUInt32LE(0x0100000c, 4);
  it.each([
    ['x86-64', elfOf(62), 'linux x64'],
    ['AArch64', elfOf(183), 'linux arm64'],
    ['a machine without a name of ours', elfOf(22), 'linux machine 22'],
    ['Apple silicon', machO, 'darwin arm64'],
    ['a text', Buffer.from('#!/bin/sh, and what comes then'), null],
    ['nothing', Buffer.alloc(0), null],
  ])('%s', async (_what, bytes, expected) => {
    const file = join(root, 'library');
    writeFileSync(file, bytes);
    expect(await architectureOf(file)).toBe(expected);
  });
});
