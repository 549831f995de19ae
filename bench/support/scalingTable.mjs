import { alignedTable, figures, timesAsFast } from './table.mjs';

const headings = [
  'model',
  'images a worker',
  'workers',
  'program',
  'images/s',
  'least..greatest',
  'ms/step',
  'Lockstep is ... times as fast',
];

/** @param results `{model, batch, workers, entries}`, the first entry ours, the second its ceiling */
export function scalingTable(results) {
  const rows = results.flatMap(({ model, batch, workers, entries }) =>
    entries.map((entry) => [
      ...[model, String(batch), String(workers), entry.label],
      ...figures(entry, batch * workers),
      timesAsFast(entries[0], entry),
    ]),
  );
  return alignedTable(headings, rows);
}
