import { linearAxis } from '../drawing/axis.js';
import { drawFigure } from '../drawing/figure.js';
import type { Series } from '../drawing/series.js';
import type { EpochRow } from '../run/history.js';
import { metricText } from '../table/history.js';
import type { Picture } from './picture.js';

const validation = 'val_';

/** A picture for each metric: over the epochs, for training and, where it was measured, validation. */
export function curvePictures(rows: readonly EpochRow[]): Picture[] {
  const names = new Set(rows.flatMap(({ logs }) => Object.keys(logs)).map(withoutPrefix));
  return [...names]
    .sort((left, right) => right.localeCompare(left))
    .map((name) => curve(name, rows));
}

const withoutPrefix = (name: string): string =>
  name.startsWith(validation) ? name.slice(validation.length) : name;

function curve(name: string, rows: readonly EpochRow[]): Picture {
  const seriesOf = (title: string, key: string, style: Series['style']): Series => ({
    name: title,
    style,
    points: rows.map(({ epoch, logs }) => ({ x: epoch + 1, y: logs[key] ?? Number.NaN })),
  });
  const given = [
    seriesOf('training', name, 'line'),
    seriesOf('validation', validation + name, 'dashed'),
  ].filter(({ points }) => points.some(({ y }) => Number.isFinite(y)));
  // A single point is no line.
  const series = given.map((each) =>
    each.points.length === 1 ? { ...each, style: 'points' as const } : each,
  );
  const values = series.flatMap(({ points }) => points.map(({ y }) => y));
  const title = name.replaceAll('_', ' ');
  const upright = linearAxis(title, values, metricText);
  return {
    name: `curve-${name}`,
    caption: captionOf(title, series),
    drawing: drawFigure(
      {
        title: `${title[0]!.toUpperCase()}${title.slice(1)} by epoch`,
        x: epochAxis(rows),
        y: { ...upright, format: tickText(upright.ticks) },
        series,
      },
      'small',
    ),
  };
}

function captionOf(title: string, series: readonly Series[]): string {
  const last = series.map(({ name, points }) => `${name} ${metricText(points.at(-1)!.y)}`);
  return last.length === 0 ? `No finite ${title}.` : `After the last epoch: ${last.join(', ')}.`;
}

/** Whole epochs only. */
function epochAxis(rows: readonly EpochRow[]) {
  const epochs = rows.map(({ epoch }) => epoch + 1);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const axis = linearAxis('epoch', epochs, String);
  const range = first === last ? ([first - 1, last + 1] as const) : ([first, last] as const);
  const ticks = axis.ticks.filter(
    (tick) => Number.isInteger(tick) && tick >= range[0] && tick <= range[1] && tick >= 1,
  );
  return { ...axis, range, ticks: ticks.length === 0 ? [first] : ticks };
}

/** As many digits as tell the marks of an axis apart. */
function tickText(ticks: readonly number[]): (value: number) => string {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0));
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  return (value) => (ticks.includes(value) ? value.toFixed(digits) : metricText(value));
}
