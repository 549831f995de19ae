import { expect, test } from 'vitest';
import { accuracyTable } from './accuracyTable.mjs';

test('each run has a row, and all of ours their share of each Keras, that of the medians', () => {
  const run = (label, seconds) => ({ label, seconds, whole: 90, epochs: 5, accuracy: 0.99512 });
  const rounds = [
    { seed: 1, ours: [run('plain', 20), run('sharded', 10)], keras: [run('K', 50), run('L', 80)] },
    { seed: 2, ours: [run('plain', 30), run('sharded', 20)], keras: [run('K', 40), run('L', 80)] },
  ];
  const rows = accuracyTable(rounds)
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
  expect(rows[0].slice(6)).toEqual(['of K', 'of L']);
  expect(rows.slice(2)).toEqual([
    ['1', 'plain', '20.0', '90.0', '5', '99.51 %', '0.40', '0.25'],
    ['1', 'sharded', '10.0', '90.0', '5', '99.51 %', '0.20', '0.13'],
    ['1', 'K', '50.0', '90.0', '5', '99.51 %', '', ''],
    ['1', 'L', '80.0', '90.0', '5', '99.51 %', '', ''],
    ['2', 'plain', '30.0', '90.0', '5', '99.51 %', '0.75', '0.38'],
    ['2', 'sharded', '20.0', '90.0', '5', '99.51 %', '0.50', '0.25'],
    ['2', 'K', '40.0', '90.0', '5', '99.51 %', '', ''],
    ['2', 'L', '80.0', '90.0', '5', '99.51 %', '', ''],
    ['all', 'plain', 'median', '', '', '', '0.56 (0.40..0.75)', '0.31 (0.25..0.38)'],
    ['all', 'sharded', 'median', '', '', '', '0.33 (0.20..0.50)', '0.19 (0.13..0.25)'],
  ]);
});
