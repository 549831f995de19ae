import { circle, type Element, type Point, polygon } from './svg.js';
import type { Paint } from './theme.js';

/** Half of what a mark is wide, in pixels. */
const reach = 5;

/** Corners around (0, 0). */
const shapes: readonly (readonly Point[])[] = [
  [],
  [
    [-reach, -reach],
    [reach, -reach],
    [reach, reach],
    [-reach, reach],
  ],
  [
    [0, -reach - 1],
    [reach + 1, reach],
    [-reach - 1, reach],
  ],
  [
    [0, -reach - 2],
    [reach + 2, 0],
    [0, reach + 2],
    [-reach - 2, 0],
  ],
];

/** A point of a series: a circle, a square, a triangle or a diamond, so that nobody has to go by colours alone. */
export function mark([x, y]: Point, series: number, paint: Paint, hint?: string): Element {
  const shape = shapes[series % shapes.length]!;
  const style = { isRinged: true, ...(hint === undefined ? {} : { hint }) };
  if (shape.length === 0) return circle([x, y], reach, paint, style);
  return polygon(
    shape.map(([right, down]) => [x + right, y + down] as const),
    paint,
    style,
  );
}
