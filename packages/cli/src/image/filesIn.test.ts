import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { filesIn } from './filesIn.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-photographs-'));
  for (const name of ['10.jpg', '2.JPG', 'a.webp', 'notes.txt']) {
    await writeFile(join(folder, name), '');
  }
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

it("takes a folder's pictures in the order of their numbers, and files as they are", async () => {
  const missing = join(folder, 'missing.png');
  expect(await filesIn([missing, folder, 'x.png'])).toEqual([
    missing,
    ...['2.JPG', '10.jpg', 'a.webp'].map((name) => join(folder, name)),
    'x.png',
  ]);
});

it('refuses a folder without a picture', async () => {
  await expect(filesIn([join(folder, 'empty')])).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining('empty'),
    hint: expect.stringContaining('.webp'),
  });
});
