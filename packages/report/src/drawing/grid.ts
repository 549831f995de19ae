import { colorBar, colorBarWidth } from './colorBar.js';
import type { Scale } from './colorMap.js';
import { dataUriOf, type Plane } from './pixels.js';
import { type Drawing, type Element, fontSize, image, outline, text, textWidth } from './svg.js';
import type { Paint } from './theme.js';

/** One picture of a grid, with the lines below it. */
export interface Tile {
  readonly plane: Plane;
  readonly labels: readonly { readonly text: string; readonly paint?: Paint }[];
}

export interface Grid {
  readonly title: string;
  /** All of one size, with as many labels each. */
  readonly tiles: readonly Tile[];
  readonly scale: Scale;
  /** Pixels that a square of a plane is wide and high. */
  readonly zoom: number;
  readonly columns: number;
  /** What the numbers are, beside the colour bar; null: none is needed. */
  readonly bar: string | null;
}

const margin = 16;
const gap = 8;
const labelHeight = 15;
const top = 44;
/** A colour bar with fewer pixels than that has no room for its numbers. */
const leastBarHeight = 110;

/** Pictures side by side, row by row, in one scale. */
export async function drawGrid(grid: Grid): Promise<Drawing> {
  const { title, tiles, scale, zoom, columns, bar } = grid;
  const first = tiles[0]!;
  const [width, height] = [first.plane.width * zoom, first.plane.height * zoom];
  const labels = tiles.flatMap((tile) => tile.labels.map((label) => textWidth(label.text)));
  const cell = {
    width: Math.max(width, ...labels) + gap,
    height: height + first.labels.length * labelHeight + gap,
  };
  const across = Math.min(columns, tiles.length);
  const rows = Math.ceil(tiles.length / columns);
  const drawn = await Promise.all(
    tiles.map((tile, index) => {
      const left = margin + (index % columns) * cell.width;
      const y = top + Math.floor(index / columns) * cell.height;
      const x = left + (cell.width - gap - width) / 2;
      return drawTile(tile, { x, y, width, height }, scale);
    }),
  );
  const right = margin + across * cell.width;
  const bottom = top + rows * cell.height - gap;
  const barHeight = Math.max(leastBarHeight, Math.min(240, bottom - top));
  const barElements =
    bar === null ? [] : colorBar({ x: right + 12, y: top, height: barHeight }, scale, bar);
  const content = right + (bar === null ? 0 : 12 + colorBarWidth(scale));
  return {
    title,
    width: Math.max(content, margin + textWidth(title, 15) * 1.1) + margin,
    height: Math.max(bottom, bar === null ? 0 : top + barHeight) + margin,
    elements: [
      text({ x: margin, y: 26 }, title, { size: 15, weight: 'bold' }),
      ...drawn.flat(),
      ...barElements,
    ],
  };
}

async function drawTile(
  { plane, labels }: Tile,
  box: { x: number; y: number; width: number; height: number },
  scale: Scale,
): Promise<Element[]> {
  const middle = box.x + box.width / 2;
  const lines = labels.map((label, line) =>
    text({ x: middle, y: box.y + box.height + fontSize + line * labelHeight + 1 }, label.text, {
      anchor: 'middle',
      ...(label.paint === undefined ? {} : { paint: label.paint }),
    }),
  );
  return [image(box, await dataUriOf(plane, scale)), outline(box, 'faint'), ...lines];
}
