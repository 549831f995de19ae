import { linearAxis } from './axis.js';
import { type Drawing, line, rectangle, text, textWidth } from './svg.js';
import { type Paint, seriesPaints } from './theme.js';

export interface Bars {
  readonly title: string;
  readonly categories: readonly string[];
  /** Lying side by side in each category. */
  readonly series: readonly {
    readonly name: string;
    /** From 0 up; one for each category. */
    readonly values: readonly number[];
    /** One for each category, where they are not all of one colour. */
    readonly paints?: readonly Paint[];
  }[];
  readonly format: (value: number) => string;
  /** What the longest bar could be; the largest value, where nothing is said. */
  readonly most?: number;
}

const margin = 16;
const top = 44;
const bar = { height: 11, gap: 1, between: 8 };
const barsWidth = 420;

/** Bars that lie, one category below the other, each with its number at its end. */
export function drawBars({ title, categories, series, format, most }: Bars): Drawing {
  const values = series.flatMap((each) => each.values);
  const longest = most ?? linearAxis('', [0, ...values], format).range[1];
  const left = margin + Math.max(...categories.map((name) => textWidth(name))) + 8;
  const row = series.length * (bar.height + bar.gap) + bar.between;
  const legendHeight = series.length > 1 ? 24 : 0;
  const begin = top + legendHeight;
  const rows = categories.flatMap((name, category) => {
    const y = begin + category * row;
    const middle = y + (row - bar.between) / 2 + 4;
    const bars = series.flatMap((each, index) => {
      const value = each.values[category]!;
      const width = (barsWidth * value) / longest;
      const barTop = y + index * (bar.height + bar.gap);
      const paint = each.paints?.[category] ?? seriesPaints[index % seriesPaints.length]!;
      return [
        rectangle({ x: left, y: barTop, width, height: bar.height }, paint),
        text({ x: left + width + 6, y: barTop + bar.height - 1.5 }, format(value), {
          size: 11,
          paint: 'muted',
        }),
      ];
    });
    return [text({ x: left - 8, y: middle }, name, { anchor: 'end' }), ...bars];
  });
  const bottom = begin + categories.length * row - bar.between;
  const numbers = Math.max(...values.map((value) => textWidth(format(value), 11)));
  const legend = legendHeight === 0 ? [] : legendOf(series, left);
  const legendWidth = series.reduce((sum, { name }) => sum + 40 + textWidth(name), 0);
  return {
    title,
    width: Math.max(left + barsWidth + 6 + numbers, left + legendWidth) + margin,
    height: bottom + margin,
    elements: [
      text({ x: margin, y: 26 }, title, { size: 15, weight: 'bold' }),
      ...legend,
      ...rows,
      line([left, begin - 4], [left, bottom + 4], 'muted'),
    ],
  };
}

function legendOf(series: Bars['series'], left: number) {
  let x = left;
  return series.flatMap(({ name }, index) => {
    const place = x;
    x += 40 + textWidth(name);
    return [
      rectangle({ x: place, y: top - 3, width: 14, height: bar.height }, seriesPaints[index]!),
      text({ x: place + 20, y: top + 6 }, name),
    ];
  });
}
