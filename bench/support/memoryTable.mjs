import { alignedTable } from './table.mjs';

const megabytes = (bytes) => String(Math.round(bytes / 2 ** 20));

/**
 * @param marks numbers of steps
 * @param entries `{label, samples}`, for each mark what the ranks have (`residentMemoryOf`); or `{label, reason}`
 */
export function memoryTable(marks, entries) {
  const headings = ['program', ...marks.map((steps) => `MiB after ${steps} steps`), 'at most'];
  const rows = entries.map(({ label, samples }) => {
    if (samples === undefined) return [label, ...marks.map(() => 'not measured'), ''];
    const greatest = (key) => samples.map((ranks) => Math.max(...ranks.map((each) => each[key])));
    return [label, ...greatest('now').map(megabytes), megabytes(greatest('most').at(-1))];
  });
  return alignedTable(headings, rows);
}
