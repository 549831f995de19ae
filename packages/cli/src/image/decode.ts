import sharp, { type Sharp } from 'sharp';
import { flatten, type Picture } from './picture.js';

const formats = new Set(['png', 'jpeg', 'webp']);

/** A file, or what would be in one. */
export type Source = string | { readonly name: string; readonly content: Buffer };

export const nameOfSource = (source: Source): string =>
  typeof source === 'string' ? source : source.name;

const open = (source: Source): Sharp => sharp(typeof source === 'string' ? source : source.content);

/**
 * Reads a PNG, JPG or WebP file as a grey picture, the right way up, transparent parts on a ground of their own.
 *
 * @throws Error, with a reason that goes after a colon
 */
export async function readGrey(source: Source): Promise<Picture> {
  const { format, hasAlpha } = await open(source).metadata();
  if (!formats.has(format)) throw new Error(`it is ${format}, not PNG, JPG or WebP`);
  const picture = await greyOf(upright(source));
  if (!hasAlpha) return picture;
  const opacity = await greyOf(upright(source).extractChannel('alpha'));
  return flatten(picture, opacity.pixels);
}

/** Photographs say in their metadata which way is up. */
const upright = (source: Source): Sharp => open(source).autoOrient();

async function greyOf(image: Sharp): Promise<Picture> {
  const raw = image.toColourspace('b-w').raw();
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}

/** `linear` has no overshoot: nothing becomes brighter than it was. */
type Kernel = 'lanczos3' | 'linear';

/** Scales a picture, antialiased, so that its longer side is `length`; it keeps its proportions. */
export function fitInto(
  length: number,
  picture: Picture,
  kernel: Kernel = 'lanczos3',
): Promise<Picture> {
  const scale = length / Math.max(picture.width, picture.height);
  const scaled = (size: number): number => Math.max(1, Math.round(size * scale));
  const size = { width: scaled(picture.width), height: scaled(picture.height) };
  return stretchTo(size, picture, kernel);
}

/** Scales a picture, antialiased, to a size of other proportions if need be. */
export function stretchTo(
  size: Pick<Picture, 'width' | 'height'>,
  { width, height, pixels }: Picture,
  kernel: Kernel,
): Promise<Picture> {
  const image = sharp(pixels, { raw: { width, height, channels: 1 } });
  return greyOf(image.resize(size.width, size.height, { fit: 'fill', kernel }));
}
