import { ratio } from './statistics.mjs';
import { alignedTable } from './table.mjs';

const headings = ['seed', 'program', 'seconds', 'epochs', 'accuracy', "of Keras's time"];

/**
 * @param rounds each with its seed, Keras's `{label, seconds, epochs, accuracy}`, and a list of ours, the same ones in
 *   each round
 * @returns a row for each run, and last ones for all of them
 */
export function accuracyTable(rounds) {
  const rows = rounds.flatMap(({ seed, ours, keras }) => [
    ...ours.map((run) => [String(seed), ...figures(run), (run.seconds / keras.seconds).toFixed(2)]),
    [String(seed), ...figures(keras), ''],
  ]);
  const all = rounds[0].ours.map(({ label }, i) => {
    const share = ratio(
      rounds.map(({ ours }) => ours[i].seconds),
      rounds.map(({ keras }) => keras.seconds),
    );
    const range = `${share.least.toFixed(2)}..${share.greatest.toFixed(2)}`;
    return ['all', label, 'median', '', '', `${share.median.toFixed(2)} (${range})`];
  });
  return alignedTable(headings, [...rows, ...all]);
}

function figures({ label, seconds, epochs, accuracy }) {
  return [label, seconds.toFixed(1), String(epochs), `${(100 * accuracy).toFixed(2)} %`];
}
