import { join } from 'node:path';
import { Random } from '@lockstep/core/data';
import sharp from 'sharp';

/** How a hand writes each digit, as SVG paths in a box of 100 x 140. */
const strokes: readonly string[] = [
  'M52 12 C18 14 12 58 16 84 C20 122 44 132 62 122 C88 106 92 62 82 36 C76 18 64 10 48 14',
  'M34 34 L56 12 L54 128',
  'M18 40 C20 12 72 2 80 34 C84 62 36 96 16 124 C40 114 62 122 88 122',
  'M20 24 C40 4 84 12 76 42 C72 58 52 64 40 64 C64 62 88 76 82 100 C76 132 32 134 14 112',
  'M58 10 L14 84 L90 80 M66 48 L62 132',
  'M80 14 L32 16 L26 62 C46 50 84 56 82 90 C80 128 36 134 14 116',
  'M66 10 C36 28 16 70 20 98 C24 134 74 136 80 102 C84 72 44 66 24 92',
  'M14 20 L84 16 C66 50 50 88 42 130',
  'M72 26 C54 2 18 16 28 42 C38 64 82 76 80 104 C78 134 22 136 20 104 C20 78 66 62 74 36 C76 30 74 28 72 26',
  'M78 38 C70 4 20 10 20 44 C22 74 66 74 78 42 C78 70 72 104 62 132',
];

const [width, height] = [960, 720];

/** The strokes of a digit as corners, curves cut into pieces: `[x, y]` in the same box. */
export function strokesOfDigit(digit: number): [number, number][][] {
  const result: [number, number][][] = [];
  const parts = strokes[digit]!.matchAll(/([MLC])([^MLC]+)/g);
  for (const [, command, text] of parts) {
    const numbers = text!.trim().split(/[ ,]+/).map(Number);
    if (command === 'M') result.push([]);
    const stroke = result.at(-1)!;
    const size = command === 'C' ? 6 : 2;
    for (let at = 0; at < numbers.length; at += size) {
      const [a, b, c, d, e, f] = numbers.slice(at, at + size) as [number, number, ...number[]];
      if (command !== 'C') stroke.push([a, b]);
      else stroke.push(...curve(stroke.at(-1)!, [a, b], [c!, d!], [e!, f!]));
    }
  }
  return result;
}

type Point = [number, number];

/** Bernstein's form of a cubic curve, in eight pieces. */
function curve(from: Point, first: Point, second: Point, to: Point): Point[] {
  return Array.from({ length: 8 }, (_none, index) => {
    const t = (index + 1) / 8;
    const at = (axis: 0 | 1): number =>
      (1 - t) ** 3 * from[axis] +
      3 * (1 - t) ** 2 * t * first[axis] +
      3 * (1 - t) * t ** 2 * second[axis] +
      t ** 3 * to[axis];
    return [at(0), at(1)];
  });
}

/** What a pixel of the paper is like: brighter at one side than at the other, as by a lamp, with grain. */
function paper(random: Random): Buffer {
  const direction = random.float() * 2 * Math.PI;
  const [across, down] = [Math.cos(direction), Math.sin(direction)];
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const slope = across * (x / width - 0.5) + down * (y / height - 0.5);
      const light = 185 + 70 * slope + 8 * (random.float() - 0.5);
      // A little yellow, as paper by a lamp is.
      pixels.set([light + 8, light + 2, light - 12], 3 * (y * width + x));
    }
  }
  return pixels;
}

/**
 * Photographs of the ten digits: drawn large with a dark pen, on light paper in uneven light, turned by up to 10
 * degrees, off the centre, and saved as JPG with its noise. The same ones each time.
 *
 * @returns the files, `0.jpg` to `9.jpg`
 */
export async function takePhotographs(folder: string): Promise<string[]> {
  const random = Random.from('photographs', 1);
  const files: string[] = [];
  for (const [digit, path] of strokes.entries()) {
    const turn = 20 * random.float() - 10;
    const size = 2.6 + random.float();
    const [x, y] = [width * (0.3 + 0.4 * random.float()), height * (0.45 + 0.1 * random.float())];
    const place = `translate(${x} ${y}) rotate(${turn}) scale(${size}) translate(-50 -70)`;
    const pen = `fill="none" stroke="#23263a" stroke-width="${9 + 4 * random.float()}" stroke-linecap="round" stroke-linejoin="round"`;
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><path d="${path}" transform="${place}" ${pen}/></svg>`;
    const file = join(folder, `${digit}.jpg`);
    await sharp(paper(random), { raw: { width, height, channels: 3 } })
      .composite([{ input: Buffer.from(drawing) }])
      .blur(1.2)
      .jpeg({ quality: 55 })
      .toFile(file);
    files.push(file);
  }
  return files;
}
