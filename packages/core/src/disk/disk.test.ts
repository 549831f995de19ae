import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDisk } from './disk.suite.js';
import { MemoryDisk, PowerCut } from './memoryDisk.js';
import { realDisk } from './realDisk.js';

describeDisk('the real disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'disk-'));
  return { disk: realDisk, folder, close: () => rm(folder, { recursive: true }) };
});

describeDisk('the disk in memory', async () => {
  const disk = new MemoryDisk();
  await disk.makeFolder('/run');
  return { disk, folder: '/run', close: async () => undefined };
});

const bytes = (text: string) => Buffer.from(text);
const textOf = async (disk: MemoryDisk, file: string) =>
  Buffer.from(await disk.read(file)).toString();

async function write(disk: MemoryDisk, file: string, text: string): Promise<void> {
  const written = await disk.create(file);
  await written.write(bytes(text));
  await written.sync();
  await written.close();
}

/** Chooses what the property test gives, and the least after that. */
const choosing = (numbers: readonly number[]) => {
  const left = [...numbers];
  return (below: number) => (left.shift() ?? 0) % below;
};

describe('faults of the disk in memory', () => {
  it('is full after so many bytes, and not when some are removed', async () => {
    const disk = new MemoryDisk({ capacity: 10 });
    await write(disk, '/a', '1234567');
    const full = await disk.create('/b');
    await expect(full.write(bytes('12345'))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await textOf(disk, '/b')).toBe('123');
    expect(disk.used).toBe(10);
    await disk.remove('/a');
    await full.write(bytes('4567890'));
    expect(disk.used).toBe(10);
  });

  it('is read-only', async () => {
    const writable = new MemoryDisk();
    await write(writable, '/a', 'one');
    const disk = writable.afterKill({ readOnly: true });
    expect(await textOf(disk, '/a')).toBe('one');
    expect(await disk.list('/')).toEqual(['a']);
    await disk.makeFolder('/');
    const refused = { code: 'EROFS', message: expect.stringContaining('read-only file system') };
    await expect(disk.create('/b')).rejects.toMatchObject(refused);
    await expect(disk.rename('/a', '/b')).rejects.toMatchObject(refused);
    await expect(disk.link('/a', '/b')).rejects.toMatchObject(refused);
    await expect(disk.remove('/a')).rejects.toMatchObject(refused);
    await expect(disk.makeFolder('/f')).rejects.toMatchObject(refused);
  });

  it('dies at any byte: what was written before is there, nothing works after', async () => {
    for (let diesAfter = 0; diesAfter <= 8; diesAfter += 1) {
      const disk = new MemoryDisk({ diesAfter });
      const work = write(disk, '/a', 'abcd');
      if (diesAfter < 8) await expect(work).rejects.toThrow(PowerCut);
      else await work;
      if (diesAfter < 8) await expect(disk.list('/')).rejects.toThrow(PowerCut);
      const next = disk.afterKill();
      const left = diesAfter === 0 ? [] : ['a'];
      expect(await next.list('/')).toEqual(left);
      const length = Math.min(4, Math.max(0, diesAfter - 2));
      if (left.length > 0) expect(await textOf(next, '/a')).toBe('abcd'.slice(0, length));
      await expect(disk.read('/a')).rejects.toThrow(PowerCut);
    }
  });

  it('keeps through a power cut what was flushed, whatever else is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(999)), async (choices) => {
        const disk = new MemoryDisk();
        await write(disk, '/a', 'flushed');
        await write(disk, '/b', 'named');
        await disk.syncFolder('/');
        await disk.rename('/b', '/c');
        const open = await disk.create('/d');
        await open.write(bytes('abc'));
        await open.sync();
        await open.write(bytes('def'));
        const next = disk.afterPowerCut(choosing(choices));
        expect(await textOf(next, '/a')).toBe('flushed');
        const names = (await next.list('/')).filter((name) => name !== 'a');
        expect(names.filter((name) => name !== 'd')).toHaveLength(1);
        if (names.includes('d')) {
          const left = await textOf(next, '/d');
          expect(left.slice(0, 3)).toBe('abc');
          expect('def\0\0\0').toContain(left.slice(3).replaceAll('\0', '') || 'def');
        }
      }),
    );
  });

  it('loses names and bytes that were not flushed', async () => {
    const disk = new MemoryDisk();
    const open = await disk.create('/a');
    await open.write(bytes('abc'));
    expect(await disk.afterPowerCut(() => 0).list('/')).toEqual([]);
    const next = new MemoryDisk();
    const torn = await next.create('/a');
    await next.syncFolder('/');
    await torn.write(bytes('abc'));
    const zeros = next.afterPowerCut(() => 0);
    expect([...(await zeros.read('/a'))]).toEqual([0, 0, 0]);
  });

  it('waits before each operation as it is told to, and fails as it is told to', async () => {
    const seen: string[] = [];
    const disk = new MemoryDisk({
      before: async (operation, path) => {
        seen.push(`${operation} ${path}`);
        if (operation === 'fsync') throw Object.assign(new Error('EIO: broken'), { code: 'EIO' });
      },
    });
    await expect(write(disk, '/a', 'one')).rejects.toMatchObject({ code: 'EIO' });
    expect(seen).toEqual(['open /a', 'write /a', 'fsync /a']);
  });
});
