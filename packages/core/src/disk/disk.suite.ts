import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from './disk.js';

export interface Opened {
  readonly disk: Disk;
  /** An empty folder on it. */
  readonly folder: string;
  readonly close: () => Promise<void>;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** What every disk does alike, faults apart. */
export function describeDisk(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let opened: Opened;
    let disk: Disk;
    beforeEach(async () => {
      opened = await open();
      disk = opened.disk;
    });
    afterEach(async () => await opened.close());
    const at = (...names: string[]) => join(opened.folder, ...names);
    const names = async () => (await disk.list(opened.folder)).sort();
    const write = async (file: string, ...parts: string[]) => {
      const written = await disk.create(file);
      for (const part of parts) await written.write(Buffer.from(part));
      await written.sync();
      await written.close();
    };
    const failsWith = async (work: Promise<unknown>, code: string) =>
      await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(code) });

    it('writes parts one after another, and reads them back', async () => {
      await write(at('a'), 'one', '', 'two');
      expect(text(await disk.read(at('a')))).toBe('onetwo');
      await write(at('empty'));
      expect((await disk.read(at('empty'))).length).toBe(0);
      await disk.syncFolder(opened.folder);
      expect(await names()).toEqual(['a', 'empty']);
    });

    it('hands out bytes of its own', async () => {
      await write(at('a'), 'one');
      (await disk.read(at('a'))).fill(0);
      expect(text(await disk.read(at('a')))).toBe('one');
    });

    it('creates no file twice', async () => {
      await write(at('a'), 'one');
      await failsWith(disk.create(at('a')), 'EEXIST');
      expect(text(await disk.read(at('a')))).toBe('one');
    });

    it('replaces by a rename what had the name, and keeps open what was replaced', async () => {
      await write(at('a'), 'old');
      await write(at('b'), 'new');
      await disk.rename(at('b'), at('a'));
      expect(await names()).toEqual(['a']);
      expect(text(await disk.read(at('a')))).toBe('new');
    });

    it('renames into another folder', async () => {
      await disk.makeFolder(at('f'));
      await write(at('a'), 'one');
      await disk.rename(at('a'), at('f', 'b'));
      expect(await names()).toEqual(['f']);
      expect(text(await disk.read(at('f', 'b')))).toBe('one');
    });

    it('gives a file a second name, which outlives the first', async () => {
      await write(at('a'), 'one');
      await disk.link(at('a'), at('b'));
      await disk.rename(at('a'), at('b'));
      expect(await names()).toEqual(['a', 'b']);
      await failsWith(disk.link(at('a'), at('b')), 'EEXIST');
      await disk.remove(at('a'));
      expect(text(await disk.read(at('b')))).toBe('one');
    });

    it('writes on in a file that is renamed meanwhile', async () => {
      const written = await disk.create(at('a'));
      await written.write(Buffer.from('one'));
      await disk.rename(at('a'), at('b'));
      await written.write(Buffer.from('two'));
      await written.close();
      expect(text(await disk.read(at('b')))).toBe('onetwo');
    });

    it('makes folders, those above them and those that are there', async () => {
      await disk.makeFolder(at('f', 'g'));
      await disk.makeFolder(at('f', 'g'));
      expect(await disk.list(at('f', 'g'))).toEqual([]);
      await write(at('f', 'g', 'a'), 'one');
      expect(await disk.list(at('f', 'g'))).toEqual(['a']);
    });

    it('removes, also what is not there', async () => {
      await write(at('a'));
      await disk.remove(at('a'));
      await disk.remove(at('a'));
      expect(await names()).toEqual([]);
    });

    it('says what is not there, or in the way', async () => {
      await failsWith(disk.read(at('a')), 'ENOENT');
      await failsWith(disk.list(at('f')), 'ENOENT');
      await failsWith(disk.create(at('f', 'a')), 'ENOENT');
      await failsWith(disk.rename(at('a'), at('b')), 'ENOENT');
      await failsWith(disk.link(at('a'), at('b')), 'ENOENT');
      await failsWith(disk.syncFolder(at('f')), 'ENOENT');
      await write(at('a'));
      await failsWith(disk.makeFolder(at('a')), 'EEXIST');
      await failsWith(disk.makeFolder(at('a', 'f')), 'ENOTDIR');
      await failsWith(disk.list(at('a')), 'ENOTDIR');
      await failsWith(disk.create(at('a', 'b')), 'ENOTDIR');
      await disk.makeFolder(at('f'));
      await failsWith(disk.read(at('f')), 'EISDIR');
      await failsWith(disk.rename(at('a'), at('f')), 'EISDIR');
    });
  });
}
