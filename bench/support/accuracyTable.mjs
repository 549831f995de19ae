import { ratio } from './statistics.mjs';
import { alignedTable } from './table.mjs';

/**
 * @param rounds each with its seed, and lists of ours and of Keras's `{label, seconds, whole, epochs, accuracy}`, the
 *   same ones in each round; seconds are those to the accuracy, and to the end
 * @returns a row for each run, and last ones for all of ours; with a column for each of Keras's: the share of its time
 */
export function accuracyTable(rounds) {
  const peers = rounds[0].keras.map(({ label }) => label);
  const headings = ['seed', 'program', 's to 99.5 %', 's to the end', 'epochs', 'accuracy'];
  const rows = rounds.flatMap(({ seed, ours, keras }) => [
    ...ours.map((run) => [
      ...figures(seed, run),
      ...keras.map(({ seconds }) => (run.seconds / seconds).toFixed(2)),
    ]),
    ...keras.map((run) => [...figures(seed, run), ...peers.map(() => '')]),
  ]);
  const all = rounds[0].ours.map(({ label }, own) => [
    ...['all', label, 'median', '', '', ''],
    ...peers.map((_, peer) => {
      const share = ratio(
        rounds.map(({ ours }) => ours[own].seconds),
        rounds.map(({ keras }) => keras[peer].seconds),
      );
      return `${share.median.toFixed(2)} (${share.least.toFixed(2)}..${share.greatest.toFixed(2)})`;
    }),
  ]);
  return alignedTable([...headings, ...peers.map((label) => `of ${label}`)], [...rows, ...all]);
}

function figures(seed, { label, seconds, whole, epochs, accuracy }) {
  return [
    ...[String(seed), label, seconds.toFixed(1), whole.toFixed(1), String(epochs)],
    `${(100 * accuracy).toFixed(2)} %`,
  ];
}
