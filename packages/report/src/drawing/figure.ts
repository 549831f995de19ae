import { type Axis, placeOn } from './axis.js';
import { drawLegend } from './legend.js';
import { mark } from './mark.js';
import type { Series } from './series.js';
import { circle, type Drawing, type Element, line, type Point, polyline, text } from './svg.js';
import { type Paint, seriesPaints } from './theme.js';

export interface Figure {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Pixels: a figure that stands alone, and one of which two stand side by side on a page. */
const layouts = {
  large: {
    width: 860,
    height: 460,
    frame: { left: 78, top: 44, right: 560, bottom: 400 },
    legend: 'beside',
  },
  small: {
    width: 464,
    height: 350,
    frame: { left: 78, top: 66, right: 440, bottom: 290 },
    legend: 'above',
  },
} as const;

/** A figure with two labelled axes and a legend: beside it, or above it where it is small. */
export function drawFigure(
  { title, x, y, series }: Figure,
  size: keyof typeof layouts = 'large',
): Drawing {
  const { frame, height, width, legend } = layouts[size];
  const across = (value: number) => frame.left + placeOn(x, value) * (frame.right - frame.left);
  const up = (value: number) => frame.bottom - placeOn(y, value) * (frame.bottom - frame.top);
  const painted = series.map((each, index) => ({
    ...each,
    index,
    paint: seriesPaints[index % seriesPaints.length]!,
  }));
  const named = drawLegend(painted, frame, legend);
  const elements = [
    text({ x: frame.left, y: 26 }, title, { size: 15, weight: 'bold' }),
    ...x.ticks.flatMap((tick) => [
      line([across(tick), frame.top], [across(tick), frame.bottom], 'faint'),
      text({ x: across(tick), y: frame.bottom + 18 }, x.format(tick), { anchor: 'middle' }),
    ]),
    ...y.ticks.flatMap((tick) => [
      line([frame.left, up(tick)], [frame.right, up(tick)], 'faint'),
      text({ x: frame.left - 8, y: up(tick) + 4 }, y.format(tick), { anchor: 'end' }),
    ]),
    line([frame.left, frame.bottom], [frame.right, frame.bottom], 'ink'),
    line([frame.left, frame.top], [frame.left, frame.bottom], 'ink'),
    text({ x: (frame.left + frame.right) / 2, y: height - 18 }, x.label, { anchor: 'middle' }),
    text({ x: 20, y: (frame.top + frame.bottom) / 2, turned: true }, y.label, {
      anchor: 'middle',
    }),
    ...painted.flatMap(({ name, points, style, paint, index }) => {
      const seen = points.filter((point) => isWithin(x, point.x) && isWithin(y, point.y));
      const marks = seen.map((point) => ({
        place: [across(point.x), up(point.y)] as const,
        hint: `${name}: ${x.format(point.x)}, ${y.format(point.y)}`,
      }));
      return drawSeries(marks, style, paint, index);
    }),
    ...named.elements,
  ];
  return { title, width: Math.max(width, named.right + 12), height, elements };
}

interface Mark {
  readonly place: Point;
  readonly hint: string;
}

function drawSeries(
  marks: readonly Mark[],
  style: Series['style'],
  paint: Paint,
  index: number,
): Element[] {
  if (style === 'points') return marks.map(({ place, hint }) => mark(place, index, paint, hint));
  // Of hundreds of points none could be told from the next: the line alone is clearer.
  const radius = marks.length > 60 ? 1 : 3;
  const dots = marks.map(({ place, hint }) => circle(place, radius, paint, { hint }));
  const places = marks.map(({ place }) => place);
  return [polyline(places, paint, style === 'dashed'), ...dots];
}

function isWithin(axis: Axis, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const place = placeOn(axis, value);
  return place >= 0 && place <= 1;
}
