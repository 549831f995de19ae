import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { KernelMemory } from '../kernels/kernelMemory.js';
import { loadLibc } from './libc.js';

const page = 65_536;

it('says that a system has no mmap, or that koffi does not load', async () => {
  await expect(loadLibc('win32')).rejects.toMatchObject({
    code: 'SHARED_MEMORY',
    message: expect.stringContaining('win32'),
    hint: expect.stringContaining('ring'),
  });
  const cause = new Error('no binary for this machine');
  await expect(loadLibc('linux', () => Promise.reject(cause))).rejects.toMatchObject({
    code: 'SHARED_MEMORY',
    message: expect.stringContaining('koffi'),
    cause,
  });
});

it('puts a file under a part of two memories, on which kernels work, and takes it away again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'libc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const libc = await loadLibc();
  const file = await open(join(folder, 'segment'), 'wx+');
  await file.write(new Uint8Array(page));
  const [one, other] = [await KernelMemory.create(3 * page), await KernelMemory.create(3 * page)];
  const views = [one, other].map((memory) => {
    const all = new Float32Array(memory.buffer);
    libc.mapFile(memory.buffer, page, page, file.fd);
    return { before: all.subarray(0, page / 4), shared: all.subarray(page / 4, page / 2), all };
  });
  await file.close();

  views[0]!.all.fill(1);
  expect(views[1]!.shared.every((value) => value === 1)).toBe(true);
  expect(views[1]!.before.every((value) => value === 0)).toBe(true);
  other.scale(views[1]!.before, views[1]!.shared, 3);
  other.addScaled(views[1]!.shared, views[1]!.before, 2);
  expect(views[0]!.shared.every((value) => value === 7)).toBe(true);

  libc.mapZeros(one.buffer, page, page);
  expect(views[0]!.shared.every((value) => value === 0)).toBe(true);
  expect(views[0]!.before.every((value) => value === 1)).toBe(true);
  views[0]!.shared.fill(5);
  expect(views[1]!.shared.every((value) => value === 7)).toBe(true);
});

it('says that mmap fails, and which error it gave', async () => {
  const libc = await loadLibc();
  const { buffer } = await KernelMemory.create(page);
  const folder = openSync(tmpdir(), 'r');
  onTestFinished(() => closeSync(folder));
  expect(() => libc.mapFile(buffer, 0, page, folder)).toThrow(/mmap of 65536 bytes failed/);
});
