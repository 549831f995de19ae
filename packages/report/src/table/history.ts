import type { EpochRow } from '../run/history.js';

/** The last epochs as pandas prints the tail of Keras's history: a row an epoch, a column a metric. */
export function historyTable(rows: readonly EpochRow[], count: number): string {
  const columns = columnsOf(rows);
  const cells = [['epoch', ...columns], ...rows.slice(-count).map((row) => cellsOf(row, columns))];
  const widths = cells[0]!.map((_title, column) =>
    Math.max(...cells.map((row) => row[column]!.length)),
  );
  return cells
    .map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
    .join('\n');
}

/** Metrics in the order in which they stand in the file; one without a single value is left out. */
export function columnsOf(rows: readonly EpochRow[]): string[] {
  const names = new Set(rows.flatMap(({ logs }) => Object.keys(logs)));
  return [...names];
}

/** Epochs are counted from 1, as in the progress bar. */
export function cellsOf({ epoch, logs }: EpochRow, columns: readonly string[]): string[] {
  return [String(epoch + 1), ...columns.map((name) => metricText(logs[name]))];
}

/** Four digits after the point, or four in all where that would be nothing. */
export function metricText(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf').toLowerCase();
  return value === 0 || Math.abs(value) >= 1e-3 ? value.toFixed(4) : value.toExponential(3);
}
