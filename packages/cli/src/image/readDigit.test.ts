import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { side } from './picture.js';
import { readDigit } from './readDigit.js';
import { showDigit } from './show.js';

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-image-'));
});
afterAll(() => rm(directory, { recursive: true }));

const isStroke = (x: number, y: number): boolean => x >= 12 && x < 16 && y >= 4 && y < 24;

/** A vertical stroke, `[28, 28]`. */
function stroke(digit: number, ground: number): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_none, pixel) =>
    isStroke(pixel % side, Math.floor(pixel / side)) ? digit : ground,
  );
}

async function save(name: string, pixels: Uint8Array, scale = 1): Promise<string> {
  const file = join(directory, name);
  await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .resize(side * scale, side * scale, { kernel: 'nearest' })
    .toFile(file);
  return file;
}

describe('readDigit', () => {
  it('takes a 28 x 28 picture as it is', async () => {
    const noisy = stroke(250, 3).map((pixel, index) => pixel + (index % 5));
    expect([...(await readDigit(await save('as-is.png', noisy)))]).toEqual([...noisy]);
  });

  it('inverts a dark digit on a light ground', async () => {
    const file = await save('dark.png', stroke(10, 250));
    expect([...(await readDigit(file))]).toEqual([...stroke(245, 5)]);
  });

  it.each([
    ['png', 'bright on black', 255, 0],
    ['png', 'dark on dull paper', 30, 140],
    ['jpg', 'dark on white', 0, 255],
  ])('brings a large %s, %s, to the same', async (extension, name, digit, ground) => {
    const file = await save(`${name}.${extension}`, stroke(digit, ground), 10);
    expect(showDigit(await readDigit(file))).toBe(showDigit(stroke(255, 0)));
  });

  it('keeps the proportions and continues the ground', async () => {
    // Twice as high as wide: a stroke over the whole width, in the middle.
    const file = join(directory, 'tall.png');
    const band = Uint8Array.from({ length: 28 * 56 }, (_none, pixel) =>
      pixel >= 28 * 20 && pixel < 28 * 36 && pixel % 28 > 1 && pixel % 28 < 26 ? 0 : 200,
    );
    await sharp(band, { raw: { width: 28, height: 56, channels: 1 } }).toFile(file);
    const lines = showDigit(await readDigit(file)).split('\n');
    const rows = lines.flatMap((line, y) => (line.trim() === '' ? [] : [y]));
    expect(rows).toEqual([10, 11, 12, 13, 14, 15, 16, 17]);
    expect(lines[13]).toBe(' '.repeat(16) + '@@'.repeat(12));
  });

  it.each(['srgb', 'rgb16'])(
    'gives a transparent %s picture a ground that the digit stands out from',
    async (space) => {
      const file = join(directory, `transparent-${space}.png`);
      const pixels = Uint8Array.from({ length: side * side * 4 }, (_none, index) => {
        const pixel = Math.floor(index / 4);
        const opaque = isStroke(pixel % side, Math.floor(pixel / side));
        return index % 4 === 3 ? (opaque ? 255 : 0) : 0;
      });
      await sharp(pixels, { raw: { width: side, height: side, channels: 4 } })
        .toColourspace(space)
        .toFile(file);
      expect([...(await readDigit(file))]).toEqual([...stroke(255, 0)]);
    },
  );

  it('reads colors and 16 bits as grey', async () => {
    const file = join(directory, 'color.png');
    await sharp(stroke(255, 0), { raw: { width: side, height: side, channels: 1 } })
      .toColourspace('rgb16')
      .toFile(file);
    expect([...(await readDigit(file))]).toEqual([...stroke(255, 0)]);
  });

  it('refuses what is no picture, naming the file', async () => {
    const text = join(directory, 'notes.png');
    await writeFile(text, 'not a picture');
    const missing = join(directory, 'missing.png');
    const gif = await save('digit.gif', stroke(255, 0));
    for (const file of [text, missing, gif, directory]) {
      await expect(readDigit(file)).rejects.toMatchObject({
        code: 'IMAGE_INVALID',
        message: expect.stringContaining(file),
      });
    }
  });
});
