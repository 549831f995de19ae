import { expect, test } from 'vitest';
import { accuracyTable } from './accuracyTable.mjs';

test('each run has a row, and the share of all is that of the medians', () => {
  const run = (label, seconds) => ({ label, seconds, epochs: 5, accuracy: 0.99512 });
  const rounds = [
    { seed: 1, ours: run('ours', 20), keras: run('Keras', 50) },
    { seed: 2, ours: run('ours', 30), keras: run('Keras', 40) },
  ];
  const rows = accuracyTable(rounds)
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
  expect(rows).toEqual([
    ['1', 'ours', '20.0', '5', '99.51 %', '0.40'],
    ['1', 'Keras', '50.0', '5', '99.51 %', ''],
    ['2', 'ours', '30.0', '5', '99.51 %', '0.75'],
    ['2', 'Keras', '40.0', '5', '99.51 %', ''],
    ['all', 'median', '', '', '', '0.56 (0.40..0.75)'],
  ]);
});
