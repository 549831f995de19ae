import type { LayerDescription, LayerOutput } from '@lockstep/core/model';
import { scaleFor } from '../drawing/colorMap.js';
import { drawGrid, type Tile } from '../drawing/grid.js';
import type { Plane } from '../drawing/pixels.js';
import { grouped, shapeText } from '../table/summary.js';
import type { Picture } from './picture.js';

/** More images side by side would be too small to see anything in them. */
const mostChannels = 64;
/** Up to so many numbers of a flat output stand in one row. */
const longestRow = 64;
/** More of them are laid into a picture that is about so many times as wide as it is high. */
const proportion = 2.5;

/** What a layer makes of an image: an image for each channel, or a flat output in rows, with a colour bar. */
export async function layerOutputPicture(
  { name, className }: LayerDescription,
  { shape, values }: LayerOutput,
): Promise<Picture> {
  const isSigned = values.some((value) => value < 0);
  // What is never negative has 0 at its end, whether it occurs or not.
  const scale = isSigned ? scaleFor(values, { isSigned }) : { ...scaleFor(values), least: 0 };
  const isImage = shape.length === 3;
  const planes = isImage ? channelsOf(shape, values) : [rowsOf(values)];
  const tiles = planes.slice(0, mostChannels).map((plane, channel): Tile => {
    return { plane, labels: isImage ? [{ text: String(channel) }] : [] };
  });
  const inRows = planes[0]!.height > 1 && !isImage ? `, ${planes[0]!.width} in a row` : '';
  const cut = planes.length > tiles.length ? `; the first ${tiles.length} channels` : '';
  return {
    name: `output-${name}`,
    caption: `${className}: ${grouped(values.length)} numbers from ${scaleText(values)}${inRows}${cut}.`,
    drawing: await drawGrid({
      title: `Output of ${name}: ${shapeText(shape)}`,
      tiles,
      scale,
      ...layoutOf(tiles),
      bar: 'output',
    }),
  };
}

/** Channels lie last: of each, its own plane. */
function channelsOf(shape: readonly number[], values: Float32Array): Plane[] {
  const [height, width, channels] = shape as [number, number, number];
  return Array.from({ length: channels }, (_none, channel) => ({
    width,
    height,
    values: Float32Array.from(
      { length: height * width },
      (_each, place) => values[place * channels + channel]!,
    ),
  }));
}

/** In rows of equal length, where any is near enough to what is wanted; else the last one ends earlier. */
function rowsOf(values: Float32Array): Plane {
  const width = rowLengthOf(values.length);
  const height = Math.ceil(values.length / width);
  const filled = new Float32Array(width * height).fill(Number.NaN);
  filled.set(values);
  return { width, height, values: filled };
}

function rowLengthOf(length: number): number {
  if (length <= longestRow) return length;
  const wanted = Math.round(Math.sqrt(proportion * length));
  for (let away = 0; away < wanted / 2; away++) {
    for (const width of [wanted - away, wanted + away]) if (length % width === 0) return width;
  }
  return wanted;
}

/** Columns and the size of a square, so that a picture is some 800 pixels wide at most. */
function layoutOf(tiles: readonly Tile[]): { columns: number; zoom: number } {
  const { width } = tiles[0]!.plane;
  if (tiles.length === 1) {
    return { columns: 1, zoom: Math.max(2, Math.min(14, Math.floor(640 / width))) };
  }
  const columns = tiles.length <= 4 ? tiles.length : tiles.length <= 32 ? 8 : 16;
  const wanted = tiles.length <= 4 ? 180 : columns === 8 ? 84 : 44;
  return { columns, zoom: Math.max(1, Math.round(wanted / width)) };
}

function scaleText(values: Float32Array): string {
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const greatest = values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  return `${Number(least.toPrecision(3))} to ${Number(greatest.toPrecision(3))}`;
}
