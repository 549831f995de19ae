// What bench/collectives.mjs measures: an array, a number of ranks, and on how many hosts they are.
import { choose } from './choose.mjs';

const sizes = [
  { name: '1KB', length: 256 },
  { name: '100KB', length: 25_600 },
  // The gradients of the zoo's networks.
  { name: 'cnn', length: 693_962 },
  { name: 'deep', length: 3_274_634 },
  { name: '100MB', length: 25_000_000 },
];
const gradients = sizes.filter(({ name }) => name === 'cnn' || name === 'deep');

const places = [
  ...[2, 4, 8].map((ranks) => ({ hosts: 1, ranks, sizes })),
  ...[2, 4].map((ranks) => ({ hosts: 2, ranks, sizes: gradients })),
];

/**
 * Places, each with its sizes: all, or those that are named, by ranks, size and hosts (`4:cnn:two-hosts`) or less
 * (`4`, `cnn`, `4:cnn`, `two-hosts`).
 */
export function chooseCollectiveCases(names) {
  const cases = places.flatMap(({ sizes: all, ...place }) =>
    all.map((size) => ({ ...place, size })),
  );
  const chosen = choose(cases, namesOf, names);
  return places
    .map(({ hosts, ranks }) => ({
      hosts,
      ranks,
      sizes: chosen
        .filter((each) => each.hosts === hosts && each.ranks === ranks)
        .map(({ size }) => size),
    }))
    .filter(({ sizes: some }) => some.length > 0);
}

/** What can be measured there; two ranks on two hosts have nobody to share memory with. */
export function algorithmsFor({ hosts, ranks }) {
  const hierarchical = ranks > 2 ? ['hierarchical'] : [];
  return [...(hosts === 1 ? ['shared-memory'] : []), 'ring', ...hierarchical, 'star', 'gloo'];
}

function namesOf({ hosts, ranks, size }) {
  const names = [String(ranks), size.name, `${ranks}:${size.name}`];
  return hosts === 1 ? names : [...names, 'two-hosts', `${ranks}:${size.name}:two-hosts`];
}
