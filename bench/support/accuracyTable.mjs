import { ratio } from './statistics.mjs';
import { alignedTable } from './table.mjs';

const headings = ['seed', 'program', 'seconds', 'epochs', 'accuracy', 'of the faster Keras'];

/**
 * @param rounds each with its seed, and lists of ours and of Keras's `{label, seconds, epochs, accuracy}`, the same ones
 *   in each round
 * @returns a row for each run, and last ones for all of ours
 */
export function accuracyTable(rounds) {
  const rows = rounds.flatMap(({ seed, ours, keras }) => {
    const share = ({ seconds }) => (seconds / fastest(keras)).toFixed(2);
    return [
      ...ours.map((run) => [String(seed), ...figures(run), share(run)]),
      ...keras.map((run) => [String(seed), ...figures(run), '']),
    ];
  });
  const all = rounds[0].ours.map(({ label }, i) => {
    const share = ratio(
      rounds.map(({ ours }) => ours[i].seconds),
      rounds.map(({ keras }) => fastest(keras)),
    );
    const range = `${share.least.toFixed(2)}..${share.greatest.toFixed(2)}`;
    return ['all', label, 'median', '', '', `${share.median.toFixed(2)} (${range})`];
  });
  return alignedTable(headings, [...rows, ...all]);
}

const fastest = (runs) => Math.min(...runs.map(({ seconds }) => seconds));

function figures({ label, seconds, epochs, accuracy }) {
  return [label, seconds.toFixed(1), String(epochs), `${(100 * accuracy).toFixed(2)} %`];
}
