import type { Row } from './efficiency.js';

/** Markdown that can be read as plain text, too. */
export function alignedTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(titles), rule, ...rows.map(line)].join('\n');
}

const titles = [
  'ranks',
  'all-reduce',
  'overlap',
  'ms/step',
  'all-reduce ms',
  'barrier ms',
  'efficiency',
];

/** One row for each scenario. */
export function scenarioTable(rows: readonly Row[]): string {
  return alignedTable(
    titles,
    rows.map(({ scenario, result, efficiency }) => [
      scenario.ranks.toLocaleString('en-US'),
      scenario.ranks === 1 ? 'none' : scenario.allReduce,
      scenario.overlaps ? 'yes' : 'no',
      milliseconds(result.whole),
      milliseconds(result.reduce),
      milliseconds(result.barrier),
      percent(efficiency),
    ]),
  );
}

export const milliseconds = (seconds: number): string => (1000 * seconds).toFixed(2);

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
