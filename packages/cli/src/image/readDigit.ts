import { LockstepError } from '@lockstep/core';
import sharp, { type Sharp } from 'sharp';
import {
  flatten,
  groundOf,
  hasLightGround,
  invert,
  type Picture,
  side,
  stretchContrast,
} from './picture.js';

const formats = new Set(['png', 'jpeg']);

/**
 * Reads a picture of one digit as the networks know them from MNIST: 28 x 28, bright on black. A larger one
 * keeps its proportions, with its ground continued around it, and its contrast is stretched. One that is
 * 28 x 28 already is taken as it is, inverted if need be.
 *
 * @returns `[28, 28]`, uint8
 * @throws IMAGE_INVALID, naming the file
 */
export async function readDigit(file: string): Promise<Uint8Array> {
  try {
    const picture = await readGrey(file);
    const bright = hasLightGround(picture) ? invert(picture) : picture;
    if (picture.width === side && picture.height === side) return bright.pixels;
    return stretchContrast(await fit(bright)).pixels;
  } catch (thrown) {
    if (thrown instanceof LockstepError) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw invalid(file, `cannot be read as a picture: ${reason}`, thrown);
  }
}

async function readGrey(file: string): Promise<Picture> {
  const { format, hasAlpha } = await sharp(file).metadata();
  if (!formats.has(format)) throw invalid(file, `is ${format}, not PNG or JPG`);
  const picture = await greyOf(upright(file));
  if (!hasAlpha) return picture;
  const opacity = await greyOf(upright(file).extractChannel('alpha'));
  return flatten(picture, opacity.pixels);
}

/** Photographs say in their metadata which way is up. */
const upright = (file: string): Sharp => sharp(file).autoOrient();

async function greyOf(image: Sharp): Promise<Picture> {
  const raw = image.toColourspace('b-w').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}

async function fit(picture: Picture): Promise<Picture> {
  const { width, height, pixels } = picture;
  const ground = groundOf(picture);
  return greyOf(
    sharp(pixels, { raw: { width, height, channels: 1 } }).resize(side, side, {
      fit: 'contain',
      background: { r: ground, g: ground, b: ground },
    }),
  );
}

function invalid(file: string, what: string, cause?: unknown): LockstepError {
  return new LockstepError('IMAGE_INVALID', `${file} ${what}`, {
    hint: 'Give a PNG or JPG picture of one digit.',
    cause,
  });
}
