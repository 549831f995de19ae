import { type Axis, placeOn } from './axis.js';
import { circle, type Element, line, polyline, rectangle, svg, text } from './svg.js';

export interface Series {
  readonly name: string;
  /** In ascending order of x. What lies beyond the axes is left out. */
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
const size = { width: 860, height: 460 };
const frame = { left: 70, top: 44, right: 560, bottom: 400 };
const ink = '#222222';
const faint = '#dddddd';
/** Told apart by those who see colours in another way, too: Okabe and Ito 2002, "Color Universal Design". */
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** A figure with two labelled axes and a legend, on a light background. */
export function drawFigure({ title, x, y, series }: Figure): string {
  const across = (value: number) => frame.left + placeOn(x, value) * (frame.right - frame.left);
  const up = (value: number) => frame.bottom - placeOn(y, value) * (frame.bottom - frame.top);
  const colored = series.map((each, i) => ({ ...each, color: colors[i % colors.length]! }));
  return svg(size, title, [
    rectangle({ x: 0, y: 0, ...size }, '#ffffff'),
    text({ x: frame.left, y: 26 }, title, { size: 15, color: ink, weight: 'bold' }),
    ...x.ticks.flatMap((tick) => [
      line([across(tick), frame.top], [across(tick), frame.bottom], faint),
      text({ x: across(tick), y: frame.bottom + 18 }, x.format(tick), {
        color: ink,
        anchor: 'middle',
      }),
    ]),
    ...y.ticks.flatMap((tick) => [
      line([frame.left, up(tick)], [frame.right, up(tick)], faint),
      text({ x: frame.left - 8, y: up(tick) + 4 }, y.format(tick), { color: ink, anchor: 'end' }),
    ]),
    line([frame.left, frame.bottom], [frame.right, frame.bottom], ink),
    line([frame.left, frame.top], [frame.left, frame.bottom], ink),
    text({ x: (frame.left + frame.right) / 2, y: size.height - 18 }, x.label, {
      color: ink,
      anchor: 'middle',
    }),
    text({ x: 20, y: (frame.top + frame.bottom) / 2, turned: true }, y.label, {
      color: ink,
      anchor: 'middle',
    }),
    ...colored.flatMap(({ points, style, color }) =>
      drawSeries(
        points
          .filter((point) => isWithin(x, point.x) && isWithin(y, point.y))
          .map((point) => [across(point.x), up(point.y)]),
        style,
        color,
      ),
    ),
    ...colored.flatMap(legendEntry),
  ]);
}

type Place = readonly [number, number];

function drawSeries(places: readonly Place[], style: Series['style'], color: string): Element[] {
  if (style === 'points') return places.map((place) => circle(place, 5, color, true));
  const dots = places.map((place) => circle(place, 2.5, color, false));
  return [polyline(places, color, style === 'dashed'), ...dots];
}

function legendEntry({ name, style, color }: Series & { color: string }, index: number): Element[] {
  const [left, y] = [frame.right + 18, frame.top + 12 + 22 * index];
  const places: Place[] =
    style === 'points'
      ? [[left + 12, y]]
      : [
          [left, y],
          [left + 24, y],
        ];
  const sign =
    style === 'points'
      ? drawSeries(places, style, color)
      : [polyline(places, color, style === 'dashed')];
  return [...sign, text({ x: left + 32, y: y + 4 }, name, { color: ink })];
}

function isWithin(axis: Axis, value: number): boolean {
  const place = placeOn(axis, value);
  return place >= 0 && place <= 1;
}
