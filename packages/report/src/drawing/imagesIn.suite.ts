import sharp from 'sharp';
import { colorAt, type Scale } from './colorMap.js';
import type { Drawing } from './svg.js';

/** An image of a drawing: how many squares it has, and the place of each one's colour in a map's table. */
export interface SeenImage {
  readonly width: number;
  readonly height: number;
  /** As `colorAt` has it; null: nothing is seen there. */
  readonly places: readonly (number | null)[];
}

/** The images of a drawing, read back from its SVG. */
export function imagesIn({ elements }: Drawing, { map }: Pick<Scale, 'map'>): Promise<SeenImage[]> {
  const files = elements.flatMap(
    (element) => /href="data:image\/png;base64,([^"]+)"/.exec(element)?.[1] ?? [],
  );
  return Promise.all(
    files.map(async (file) => {
      const png = sharp(Buffer.from(file, 'base64')).ensureAlpha().raw();
      const { data, info } = await png.toBuffer({ resolveWithObject: true });
      const places = Array.from({ length: info.width * info.height }, (_none, square) => {
        const [red, green, blue, opacity] = data.subarray(4 * square, 4 * square + 4);
        return opacity === 0 ? null : placeOf(map, [red!, green!, blue!]);
      });
      return { width: info.width, height: info.height, places };
    }),
  );
}

/** The same as what was drawn, where each value has a colour of its own. */
export const placesOf = (scale: Scale, values: readonly number[]): number[] =>
  values.map((value) => colorAt(scale, value));

function placeOf(map: Uint8Array, color: readonly number[]): number {
  for (let place = 0; place < map.length; place += 3) {
    if (color.every((part, index) => map[place + index] === part)) return place;
  }
  throw new Error(`${color} is no colour of the map`);
}
