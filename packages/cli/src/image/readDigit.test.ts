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

/** A vertical stroke of 4 x 20, `[28, 28]`, where the networks expect it. */
function stroke(digit: number, ground: number): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_none, pixel) =>
    isStroke(pixel % side, Math.floor(pixel / side)) ? digit : ground,
  );
}

async function save(name: string, pixels: Uint8Array, width = side): Promise<string> {
  const file = join(directory, name);
  const raw = { width, height: pixels.length / width, channels: 1 } as const;
  await sharp(pixels, { raw }).toFile(file);
  return file;
}

interface Paper {
  readonly digit: number;
  readonly ground: number;
  /** Left end of the stroke. */
  readonly left?: number;
  readonly speck?: number;
}

/** A stroke of 40 x 200 on a paper of 640 x 360, off its centre; with a speck of 5 x 5, far away. */
function large({ digit, ground, left = 30, speck = ground }: Paper): Uint8Array {
  return Uint8Array.from({ length: 640 * 360 }, (_none, pixel) => {
    const [x, y] = [pixel % 640, Math.floor(pixel / 640)];
    if (x >= left && x < left + 40 && y >= 90 && y < 290) return digit;
    return x >= 500 && x < 505 && y >= 20 && y < 25 ? speck : ground;
  });
}

describe('readDigit', () => {
  it('takes a 28 x 28 picture as it is', async () => {
    const noisy = stroke(250, 3).map((pixel, index) => pixel + (index % 5));
    expect([...(await readDigit(await save('as-is.png', noisy)))]).toEqual([...noisy]);
  });

  it('inverts one of black on white', async () => {
    const file = await save('dark.png', stroke(10, 250));
    expect([...(await readDigit(file))]).toEqual([...stroke(245, 5)]);
  });

  it('stretches the contrast of one on grey', async () => {
    const file = await save('grey.png', stroke(90, 160));
    expect([...(await readDigit(file))]).toEqual([...stroke(255, 0)]);
  });

  it.each([
    ['png', 'bright on black', { digit: 255, ground: 0 }],
    ['png', 'dark on dull paper', { digit: 30, ground: 140 }],
    ['png', 'dark with a darker speck', { digit: 60, ground: 200, speck: 0 }],
    ['png', 'dark with a white speck', { digit: 60, ground: 130, speck: 255 }],
    ['png', 'dark and at the edge', { digit: 0, ground: 255, left: 0 }],
    ['jpg', 'dark on white', { digit: 0, ground: 255 }],
    ['webp', 'dark on white', { digit: 0, ground: 255 }],
  ])('brings a large %s, %s, to the size and place of MNIST', async (extension, name, paper) => {
    const file = await save(`${name}.${extension}`, large(paper), 640);
    expect(showDigit(await readDigit(file))).toBe(showDigit(stroke(255, 0)));
  });

  it.each(['jpeg', 'png', 'webp'] as const)(
    'turns a %s photograph as its metadata says',
    async (format) => {
      const hooked = large({ digit: 0, ground: 255 });
      for (let y = 90; y < 120; y++) hooked.fill(0, y * 640 + 30, y * 640 + 130);
      const upright = sharp(hooked, { raw: { width: 640, height: 360, channels: 1 } });
      const files = ['upright', 'turned'].map((name) => join(directory, `${name}.${format}`));
      await upright.clone().toFormat(format, { quality: 100 }).toFile(files[0]!);
      // Held a quarter turn to the left, and to be shown a quarter turn to the right.
      const turned = upright.clone().rotate(270).withMetadata({ orientation: 6 });
      await turned.toFormat(format, { quality: 100 }).toFile(files[1]!);
      const [expected, seen] = await Promise.all(files.map(readDigit));
      const apart = seen!.map((pixel, place) => Math.abs(pixel - expected![place]!));
      expect(Math.max(...apart)).toBeLessThan(16);
      expect(showDigit(seen!)).not.toBe(showDigit(stroke(255, 0)));
    },
  );

  it('brings a small picture to the same size', async () => {
    const pixels = stroke(0, 255).filter((_pixel, index) => index % side >= 9 && index % side < 19);
    const file = await save('narrow.png', pixels, 10);
    expect([...(await readDigit(file))]).toEqual([...stroke(255, 0)]);
  });

  it('does not let a thin line grow pale', async () => {
    const line = Uint8Array.from({ length: 300 * 300 }, (_none, pixel) =>
      pixel % 300 === 40 && pixel > 15_000 && pixel < 75_000 ? 0 : 255,
    );
    expect(Math.max(...(await readDigit(await save('thin.png', line, 300))))).toBe(255);
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

  it.each([
    ['black.png', new Uint8Array(side * side)],
    ['paper.jpg', Uint8Array.from({ length: 640 * 360 }, (_none, pixel) => 200 + (pixel % 7))],
    ['dust.png', large({ digit: 220, ground: 220, speck: 0 })],
  ])('refuses an empty picture: %s', async (name, pixels) => {
    const file = await save(name, pixels, pixels.length === side * side ? side : 640);
    await expect(readDigit(file)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: `${file} is no picture of a digit: nothing in it stands out from its ground`,
    });
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
