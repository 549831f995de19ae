import { bin, extent, nice, ticks } from 'd3-array';
import { linearAxis, placeOn } from './axis.js';
import { type Drawing, line, rectangle, text } from './svg.js';

const frame = { left: 78, top: 44, right: 440, bottom: 200 };
const bins = 41;

/** How often values of each size occur. What is no number is left out. */
export function drawHistogram(title: string, values: Float32Array): Drawing {
  const known = values.filter(Number.isFinite);
  const [least = 0, greatest = 0] = extent(known);
  const domain =
    least < greatest ? nice(least, greatest, bins) : ([least - 1, least + 1] as [number, number]);
  const groups = bin()
    .domain(domain)
    .thresholds(ticks(...domain, bins))(known);
  const x = {
    ...{ label: 'weight', isLogarithmic: false, range: domain },
    ...{ ticks: ticks(...domain, 6), format: String },
  };
  const y = linearAxis('count', [0, ...groups.map(({ length }) => length)], (value) =>
    value.toLocaleString('en-US'),
  );
  const across = (value: number) => frame.left + placeOn(x, value) * (frame.right - frame.left);
  const up = (value: number) => frame.bottom - placeOn(y, value) * (frame.bottom - frame.top);
  const bars = groups
    .filter((group) => group.length > 0)
    .map((group) => {
      const [from, to] = [across(group.x0!), across(group.x1!)];
      const top = up(group.length);
      return rectangle(
        { x: from, y: top, width: Math.max(1, to - from - 1), height: frame.bottom - top },
        'series-0',
        { hint: `${group.x0} to ${group.x1}: ${group.length.toLocaleString('en-US')}` },
      );
    });
  return {
    title,
    width: frame.right + 24,
    height: 250,
    elements: [
      text({ x: 16, y: 26 }, title, { size: 15, weight: 'bold' }),
      ...y.ticks.flatMap((tick) => [
        line([frame.left, up(tick)], [frame.right, up(tick)], 'faint'),
        text({ x: frame.left - 8, y: up(tick) + 4 }, y.format(tick), { anchor: 'end' }),
      ]),
      ...bars,
      line([frame.left, frame.bottom], [frame.right, frame.bottom], 'ink'),
      ...x.ticks.map((tick) =>
        text({ x: across(tick), y: frame.bottom + 18 }, String(tick), { anchor: 'middle' }),
      ),
      text({ x: (frame.left + frame.right) / 2, y: 240 }, x.label, { anchor: 'middle' }),
    ],
  };
}
