import { ratio, spread } from './statistics.mjs';
import { alignedTable, unmeasured } from './table.mjs';

const headings = [
  'hosts',
  'ranks',
  'array',
  'algorithm',
  'ms',
  'least..greatest',
  'GB/s',
  '... times as fast as gloo',
];

/** @param results `{hosts, ranks, size, entries}`; rates are operations a second, the last entry is gloo's */
export function collectiveTable(results) {
  const rows = results.flatMap(({ hosts, ranks, size, entries }) =>
    entries.map((entry) => [
      ...[String(hosts), String(ranks), describeSize(size), entry.label],
      ...figures(entry, size),
      timesAsFast(entry, entries.at(-1)),
    ]),
  );
  return alignedTable(headings, rows);
}

/** `cnn, 2.8 MB`; of the others the name says it all. */
export function describeSize({ name, length }) {
  const megabytes = (4 * length) / 1e6;
  return /^\d/.test(name) ? name.replace(/(?=[KM]B)/, ' ') : `${name}, ${megabytes.toFixed(1)} MB`;
}

function figures({ rates, reason }, { length }) {
  if (reason !== undefined) return [unmeasured, '', ''];
  const { median, least, greatest } = spread(rates.map((rate) => 1000 / rate));
  const gigabytes = (4 * length) / 1e6 / median;
  return [
    milliseconds(median),
    `${milliseconds(least)}..${milliseconds(greatest)}`,
    gigabytes.toPrecision(2),
  ];
}

function timesAsFast(entry, gloo) {
  if (entry === gloo || !entry.rates || !gloo.rates) return '';
  const { median, least, greatest } = ratio(entry.rates, gloo.rates);
  return `${median.toFixed(2)} (${least.toFixed(2)}..${greatest.toFixed(2)})`;
}

/** Three digits that count. */
function milliseconds(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
