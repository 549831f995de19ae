import sharp from 'sharp';
import { colorAt, type Scale } from './colorMap.js';

/** Numbers, row by row, that are to be seen as squares of colour. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** `[height, width]`. */
  readonly values: ArrayLike<number>;
}

/** A plane as a PNG file, at an address that an `<image>` takes. */
export async function dataUriOf({ width, height, values }: Plane, scale: Scale): Promise<string> {
  const rgb = new Uint8Array(width * height * 3);
  for (let place = 0; place < width * height; place++) {
    const color = colorAt(scale, values[place]!);
    rgb.set(scale.map.subarray(color, color + 3), 3 * place);
  }
  const raw = { width, height, channels: 3 } as const;
  const png = await sharp(rgb, { raw }).png({ compressionLevel: 9 }).toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** An SVG's picture as a PNG file, so many times as large; in the light theme where it is `auto`. */
export function rasterize(svg: string, scale = 2): Promise<Buffer> {
  // An inch has 96 of an SVG's pixels, but 72 of librsvg's dots when nothing is said.
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}
