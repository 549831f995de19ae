import { ticks } from 'd3-array';
import { colorAt, type Scale } from './colorMap.js';
import { type Element, line, outline, rectangle, text, textWidth } from './svg.js';
import type { Paint } from './theme.js';

const barWidth = 14;
/** Bands of colour: more of them no eye would tell apart. */
const bands = 64;
const tickLength = 4;

/** What the colours stand for, from top (greatest) to bottom, with what the numbers are beside it. */
export function colorBar(
  { x, y, height }: { x: number; y: number; height: number },
  scale: Scale,
  label: string,
): Element[] {
  const { map, least, greatest } = scale;
  const band = height / bands;
  const colors = Array.from({ length: bands }, (_none, index) => {
    const color = colorAt({ map, least: 0, greatest: bands - 1 }, bands - 1 - index);
    const parts = [...map.subarray(color, color + 3)];
    const paint: Paint = `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    // A hair higher than its band: between two of them the ground must not shine through.
    const overlap = index === bands - 1 ? 0 : 0.5;
    return rectangle({ x, y: y + index * band, width: barWidth, height: band + overlap }, paint);
  });
  const marks = marksOf(scale).flatMap((value) => {
    const share = greatest === least ? 0 : (value - least) / (greatest - least);
    const at = y + height * (1 - share);
    const right = x + barWidth;
    return [
      line([right, at], [right + tickLength, at], 'muted'),
      text({ x: right + tickLength + 4, y: at + 4 }, String(value), { paint: 'muted' }),
    ];
  });
  const labelPlace = {
    x: x + barWidth + tickLength + 4 + markWidth(scale) + 12,
    y: y + height / 2,
    turned: true,
  };
  return [
    ...colors,
    outline({ x, y, width: barWidth, height }, 'faint'),
    ...marks,
    text(labelPlace, label, { paint: 'muted', anchor: 'middle' }),
  ];
}

/** Pixels that a bar takes with its numbers and its label. */
export const colorBarWidth = (scale: Scale): number =>
  barWidth + tickLength + 4 + markWidth(scale) + 20;

/** Round numbers; where all values are one, that one. */
function marksOf({ least, greatest }: Scale): number[] {
  return greatest === least ? [Number(least.toPrecision(3))] : ticks(least, greatest, 5);
}

const markWidth = (scale: Scale): number =>
  Math.max(...marksOf(scale).map((value) => textWidth(String(value))));
