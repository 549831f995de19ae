import sharp from 'sharp';
import { colorAt, type Scale } from './colorMap.js';

/** Numbers, row by row, that are to be seen as squares of colour. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`; where there is no number (NaN), nothing is seen. */
  readonly values: ArrayLike<number>;
}

/** A plane as a PNG file, at an address that an `<image>` takes. */
export async function dataUriOf({ width, height, values }: Plane, scale: Scale): Promise<string> {
  const rgba = new Uint8Array(width * height * 4);
  for (let place = 0; place < width * height; place++) {
    const value = values[place]!;
    if (Number.isNaN(value)) continue;
    const color = colorAt(scale, value);
    rgba.set(scale.map.subarray(color, color + 3), 4 * place);
    rgba[4 * place + 3] = 255;
  }
  const raw = { width, height, channels: 4 } as const;
  const png = await sharp(rgba, { raw }).png({ compressionLevel: 9 }).toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** An SVG's picture as a PNG file, so many times as large; in the light theme where it is `auto`. */
export function rasterize(svg: string, scale = 2): Promise<Buffer> {
  // An inch has 96 of an SVG's pixels, but 72 of librsvg's dots when nothing is said.
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}
