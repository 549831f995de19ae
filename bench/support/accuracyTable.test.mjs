import { expect, test } from 'vitest';
import { accuracyTable } from './accuracyTable.mjs';

test('each run has a row, and all of ours a share of the faster Keras, that of the medians', () => {
  const run = (label, seconds) => ({ label, seconds, epochs: 5, accuracy: 0.99512 });
  const rounds = [
    {
      seed: 1,
      ours: [run('plain', 20), run('sharded', 10)],
      keras: [run('Keras', 50), run('mixed', 60)],
    },
    {
      seed: 2,
      ours: [run('plain', 30), run('sharded', 20)],
      keras: [run('Keras', 45), run('mixed', 40)],
    },
  ];
  const rows = accuracyTable(rounds)
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map((cells) => cells.slice(1, -1));
  expect(rows).toEqual([
    ['1', 'plain', '20.0', '5', '99.51 %', '0.40'],
    ['1', 'sharded', '10.0', '5', '99.51 %', '0.20'],
    ['1', 'Keras', '50.0', '5', '99.51 %', ''],
    ['1', 'mixed', '60.0', '5', '99.51 %', ''],
    ['2', 'plain', '30.0', '5', '99.51 %', '0.75'],
    ['2', 'sharded', '20.0', '5', '99.51 %', '0.50'],
    ['2', 'Keras', '45.0', '5', '99.51 %', ''],
    ['2', 'mixed', '40.0', '5', '99.51 %', ''],
    ['all', 'plain', 'median', '', '', '0.56 (0.40..0.75)'],
    ['all', 'sharded', 'median', '', '', '0.33 (0.20..0.50)'],
  ]);
});
