import { type Axis, placeOn } from './axis.js';
import { mark } from './mark.js';
import {
  circle,
  type Drawing,
  type Element,
  line,
  type Point,
  polyline,
  text,
  textWidth,
} from './svg.js';
import { type Paint, seriesPaints } from './theme.js';

export interface Series {
  readonly name: string;
  /** In ascending order of x. What lies beyond the axes, or is no number, is left out. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** `line`: computed; `points`: measured, or told by others. */
  readonly style: 'line' | 'dashed' | 'points';
}

export interface Figure {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

/** Pixels. */
const height = 460;
const frame = { left: 78, top: 44, right: 560, bottom: 400 };
const legend = { left: frame.right + 18, sign: 24, gap: 8, row: 22 };
const leastWidth = 860;

/** A figure with two labelled axes and a legend. */
export function drawFigure({ title, x, y, series }: Figure): Drawing {
  const across = (value: number) => frame.left + placeOn(x, value) * (frame.right - frame.left);
  const up = (value: number) => frame.bottom - placeOn(y, value) * (frame.bottom - frame.top);
  const colored = series.map((each, i) => ({
    ...each,
    index: i,
    paint: seriesPaints[i % seriesPaints.length]!,
  }));
  const names = Math.max(0, ...series.map(({ name }) => textWidth(name)));
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
    ...colored.flatMap(({ name, points, style, paint, index }) => {
      const seen = points.filter((point) => isWithin(x, point.x) && isWithin(y, point.y));
      const marks = seen.map((point) => ({
        place: [across(point.x), up(point.y)] as const,
        hint: `${name}: ${x.format(point.x)}, ${y.format(point.y)}`,
      }));
      return drawSeries(marks, style, paint, index);
    }),
    ...colored.flatMap(legendEntry),
  ];
  const width = Math.max(leastWidth, legend.left + legend.sign + legend.gap + names + 12);
  return { title, width, height, elements };
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

type Colored = Series & { readonly paint: Paint; readonly index: number };

function legendEntry({ name, style, paint, index }: Colored): Element[] {
  const { left, sign, gap, row } = legend;
  const y = frame.top + 12 + row * index;
  const [begin, end]: [Point, Point] = [
    [left, y],
    [left + sign, y],
  ];
  const example =
    style === 'points'
      ? mark([left + sign / 2, y], index, paint)
      : polyline([begin, end], paint, style === 'dashed');
  return [example, text({ x: left + sign + gap, y: y + 4 }, name)];
}

function isWithin(axis: Axis, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const place = placeOn(axis, value);
  return place >= 0 && place <= 1;
}
