import sharp from 'sharp';
import { expect, it } from 'vitest';
import { viridis } from './colorMap.js';
import { drawGrid } from './grid.js';
import { rasterize } from './pixels.js';
import { renderSvg } from './svg.js';

it('shows each value as a square of its colour, and nothing where there is no number', async () => {
  const drawing = await drawGrid({
    title: 'two',
    tiles: [
      { plane: { width: 2, height: 1, values: [0, 1] }, labels: [{ text: 'left' }] },
      { plane: { width: 2, height: 1, values: [1, Number.NaN] }, labels: [{ text: 'right' }] },
    ],
    scale: { map: viridis, least: 0, greatest: 1 },
    zoom: 40,
    columns: 2,
    bar: null,
  });
  const svg = renderSvg(drawing, 'light');
  const { data, info } = await sharp(await rasterize(svg, 1))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const places = [...svg.matchAll(/<image x="([\d.]+)" y="([\d.]+)"/g)];
  const colorAt = (tile: number, square: number): number[] => {
    const [, x, y] = places[tile]!.map(Number);
    const place = 3 * (Math.round(y! + 20) * info.width + Math.round(x! + 40 * square + 20));
    return [...data.subarray(place, place + 3)];
  };
  const [least, greatest] = [[...viridis.subarray(0, 3)], [...viridis.subarray(-3)]];
  expect(colorAt(0, 0)).toEqual(least);
  expect(colorAt(0, 1)).toEqual(greatest);
  expect(colorAt(1, 0)).toEqual(greatest);
  expect(colorAt(1, 1)).toEqual([255, 255, 255]);
});
