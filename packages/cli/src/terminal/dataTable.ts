import type { DatasetDescription, SplitSummary } from '@lockstep/core/data';
import { formatCount } from './format.js';

/** What `lockstep data inspect` shows: a paragraph for each split, and how its samples are spread over the classes. */
export function dataTable(
  { name, hash, classes }: DatasetDescription,
  splits: Readonly<Record<string, SplitSummary>>,
): string[] {
  return [
    `${name}: ${classes} classes, sha256 ${hash}`,
    ...Object.entries(splits).flatMap(([split, summary]) => ['', ...describe(split, summary)]),
    '',
    ...classRows(splits),
  ];
}

function describe(split: string, { images, labels, meanPixel }: SplitSummary): string[] {
  const array = ({ shape, dtype, range }: typeof images): string =>
    `(${shape.join(', ')}) ${dtype}, ${range[0]} to ${range[1]}`;
  return [
    `${split} images  ${array(images)}, mean ${meanPixel.toFixed(2)}; trained as float32, 0 to 1`,
    `${split} labels  ${array(labels)}`,
  ];
}

function classRows(splits: Readonly<Record<string, SplitSummary>>): string[] {
  const columns = Object.entries(splits).map(([split, { classCounts }]) => [
    split,
    ...classCounts.map(formatCount),
  ]);
  const rows = columns[0]!.map((_cell, row) => [
    row === 0 ? 'class' : String(row - 1),
    ...columns.map((column) => column[row]!),
  ]);
  const widths = rows[0]!.map((_cell, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
}
