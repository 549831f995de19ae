import { mark } from './mark.js';
import type { Series } from './series.js';
import { type Element, type Point, polyline, text, textWidth } from './svg.js';
import type { Paint } from './theme.js';

/** A series as it is drawn: which one it is decides its mark. */
type Painted = Pick<Series, 'name' | 'style'> & { readonly paint: Paint; readonly index: number };

/** Pixels. */
const sign = 24;
const gap = 8;
const row = 22;
const between = 24;

/**
 * What the lines and points of a figure stand for: one below the other to its right, or in a row above it.
 *
 * @returns `right`: where it ends
 */
export function drawLegend(
  series: readonly Painted[],
  frame: { readonly left: number; readonly top: number; readonly right: number },
  place: 'beside' | 'above',
): { readonly elements: Element[]; readonly right: number } {
  const elements: Element[] = [];
  const [left, top] = place === 'beside' ? [frame.right + 18, frame.top + 12] : [frame.left, 48];
  let [x, right] = [left, left];
  for (const [index, each] of series.entries()) {
    elements.push(...entry(each, [x, place === 'beside' ? top + row * index : top]));
    const end = x + sign + gap + textWidth(each.name);
    right = Math.max(right, end);
    if (place === 'above') x = end + between;
  }
  return { elements, right };
}

function entry({ name, style, paint, index }: Painted, [x, y]: Point): Element[] {
  const begin: Point = [x, y];
  const end: Point = [x + sign, y];
  const example =
    style === 'points'
      ? mark([x + sign / 2, y], index, paint)
      : polyline([begin, end], paint, style === 'dashed');
  return [example, text({ x: x + sign + gap, y: y + 4 }, name)];
}
