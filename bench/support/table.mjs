// Results as a table in Markdown that can be read as plain text, too.
import { ratio, spread } from './statistics.mjs';

const headings = [
  'model',
  'batch',
  'precision',
  'program',
  'images/s',
  'least..greatest',
  'ms/step',
];
export const unmeasured = 'not measured';

/**
 * @param results `{model, batch, precision, entries}`; entries as `takeTurns` returns them
 * @param versus the last column, a comparison with one of a case's entries: its `heading`, and which (`reference`)
 */
export function resultTable(results, versus) {
  const rows = results.flatMap(({ model, batch, precision, entries }) =>
    entries.map((entry) => [
      ...[model, String(batch), precision, entry.label],
      ...figures(entry, batch),
      timesAsFast(versus.reference(entries), entry),
    ]),
  );
  return alignedTable([...headings, versus.heading], rows);
}

/** Why there is no figure, a line for each reason. */
export function missingReasons(results) {
  const lines = results.flatMap(({ entries }) =>
    entries
      .filter(({ reason }) => reason !== undefined)
      .map(({ label, reason }) => `${label}: ${unmeasured} (${reason})`),
  );
  return [...new Set(lines)];
}

/** Rate, its range and the time of a step, of `batch` images. */
export function figures({ rates, reason }, batch) {
  if (reason !== undefined) return [unmeasured, '', ''];
  const { median, least, greatest } = spread(rates);
  const milliseconds = ((1000 * batch) / median).toFixed(2);
  return [count(median), `${count(least)}..${count(greatest)}`, milliseconds];
}

/** `1.84 (1.77..1.88)`; nothing where there is nothing to compare. */
export function timesAsFast(reference, entry) {
  if (entry === reference || !reference?.rates || !entry.rates) return '';
  const { median, least, greatest } = ratio(reference.rates, entry.rates);
  return `${median.toFixed(2)} (${least.toFixed(2)}..${greatest.toFixed(2)})`;
}

function count(value) {
  return Math.round(value).toLocaleString('en-US');
}

export function alignedTable(titles, rows) {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(titles), rule, ...rows.map(line)].join('\n');
}
