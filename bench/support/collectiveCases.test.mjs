import { expect, test } from 'vitest';
import { algorithmsFor, chooseCollectiveCases } from './collectiveCases.mjs';

const named = (...names) =>
  chooseCollectiveCases(names).map(({ hosts, ranks, sizes }) => [
    hosts,
    ranks,
    ...sizes.map(({ name }) => name),
  ]);

test('all of them, or the ones that are named', () => {
  expect(named()).toHaveLength(5);
  expect(named('4:cnn')).toEqual([
    [1, 4, 'cnn'],
    [2, 4, 'cnn'],
  ]);
  expect(named('2:1KB', '4:deep:two-hosts')).toEqual([
    [1, 2, '1KB'],
    [2, 4, 'deep'],
  ]);
});

test('memory is shared on one host only, and a hierarchy needs ranks beside each other', () => {
  expect(algorithmsFor({ hosts: 1, ranks: 2 })).toEqual(['shared-memory', 'ring', 'star', 'gloo']);
  expect(algorithmsFor({ hosts: 2, ranks: 2 })).toEqual(['ring', 'star', 'gloo']);
  expect(algorithmsFor({ hosts: 2, ranks: 4 })).toContain('hierarchical');
});
