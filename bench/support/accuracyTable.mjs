import { ratio } from './statistics.mjs';
import { alignedTable } from './table.mjs';

const headings = ['seed', 'program', 'seconds', 'epochs', 'accuracy', "of Keras's time"];

/**
 * @param rounds each with its seed, and ours and Keras's `{label, seconds, epochs, accuracy}`
 * @returns a row for each run, and a last one for all of them
 */
export function accuracyTable(rounds) {
  const rows = rounds.flatMap(({ seed, ours, keras }) => [
    [String(seed), ...figures(ours), (ours.seconds / keras.seconds).toFixed(2)],
    [String(seed), ...figures(keras), ''],
  ]);
  const secondsOf = (program) => rounds.map((round) => round[program].seconds);
  const share = ratio(secondsOf('ours'), secondsOf('keras'));
  const range = `${share.least.toFixed(2)}..${share.greatest.toFixed(2)}`;
  const all = ['all', 'median', '', '', '', `${share.median.toFixed(2)} (${range})`];
  return alignedTable(headings, [...rows, all]);
}

function figures({ label, seconds, epochs, accuracy }) {
  return [label, seconds.toFixed(1), String(epochs), `${(100 * accuracy).toFixed(2)} %`];
}
