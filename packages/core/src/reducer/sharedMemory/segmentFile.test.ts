import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findSegmentFile, makeSegmentFile } from './segmentFile.js';

const header = Int32Array.of(1, 2, 3, 4);
const bytes = 3 * 2 ** 20 + 65_536;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'segments-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

async function make(name: string, folders: readonly string[]): Promise<string> {
  const { path, handle } = await makeSegmentFile(name, header, bytes, folders);
  await handle.close();
  return path;
}

const find = (place: string, expected = header) =>
  findSegmentFile('a', expected, bytes, [join(place, 'missing'), place]);

it('makes a file of zeros behind the header, for this user, that others find', async () => {
  const place = folder();
  expect(await find(place)).toBeNull();
  const path = await make('a', [place]);
  expect(statSync(path)).toMatchObject({ size: bytes, mode: 0o100600 });
  // Its space is taken; blocks are of 512 bytes.
  expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(bytes);

  const found = await find(place);
  onTestFinished(() => found?.handle.close());
  expect(found?.path).toBe(path);
  const content = await found!.handle.readFile();
  expect(new Int32Array(content.buffer, content.byteOffset, 4)).toEqual(header);
  expect(content.subarray(16).every((byte) => byte === 0)).toBe(true);
  expect(await findSegmentFile('b', header, bytes, [place])).toBeNull();
});

it('takes the next folder where one does not take it, and says what all of them said', async () => {
  const place = folder();
  const missing = join(place, 'missing');
  expect(await make('a', [missing, place])).toContain(place);
  await expect(make('a', [missing, join(missing, 'too')])).rejects.toMatchObject({
    code: 'SHARED_MEMORY',
    message: expect.stringMatching(/3\.1 MB .*missing: ENOENT, .*too: ENOENT/),
  });
});

it('refuses what was made for another world, cut short, or is a link', async () => {
  const place = folder();
  const path = await make('a', [place]);
  await expect(find(place, Int32Array.of(1, 2, 3, 5))).rejects.toMatchObject({
    code: 'SHARED_MEMORY',
    message: expect.stringMatching(/1 2 3 4 .* instead of 1 2 3 5/),
  });
  truncateSync(path, bytes - 1);
  await expect(find(place)).rejects.toMatchObject({ code: 'SHARED_MEMORY' });
  rmSync(path);
  symlinkSync(await make('b', [place]), path);
  await expect(find(place)).rejects.toMatchObject({ code: 'SHARED_MEMORY' });
});

it('does not find one that is still being made', async () => {
  const place = folder();
  writeFileSync(join(place, `lockstep-segment-a.${process.pid}.making`), '');
  expect(await find(place)).toBeNull();
});

it.each(['', 'a/b', 'a.b', 'x'.repeat(129)])('refuses the name %j', async (name) => {
  await expect(make(name, [folder()])).rejects.toMatchObject({ code: 'INTERNAL' });
});

it('sweeps what dead processes have left, and nothing else', async () => {
  const place = folder();
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const leave = (file: string, secondsAgo: number): string => {
    const path = join(place, file);
    writeFileSync(path, '');
    const then = Date.now() / 1000 - secondsAgo;
    utimesSync(path, then, then);
    return path;
  };
  const day = 86_400;
  const left = [
    leave(`lockstep-segment-a.${dead}`, 70),
    leave(`lockstep-segment-b-1.${dead}.making`, day),
    // In containers numbers come again.
    leave(`lockstep-segment-c.${process.pid}`, Math.max(70, process.uptime() + 60)),
  ];
  const others = [
    leave(`lockstep-segment-d.${dead}`, 5),
    leave(`lockstep-segment-e.${process.ppid}`, day),
    leave(`lockstep-segment-f.${process.pid}`, 0),
    leave(`lockstep-segment-g.${dead}.txt`, day),
    leave(`unlike-segment-h.${dead}`, day),
  ];
  const made = await make('i', [place]);
  for (const path of left) expect(existsSync(path)).toBe(false);
  expect(readdirSync(place)).toHaveLength(others.length + 1);
  for (const path of [...others, made]) expect(existsSync(path)).toBe(true);
});
