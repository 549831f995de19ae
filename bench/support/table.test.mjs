import { expect, test } from 'vitest';
import { missingReasons, resultTable } from './table.mjs';

const results = [
  {
    model: 'cnn',
    batch: 32,
    precision: 'float32',
    entries: [
      { label: 'ours', rates: [4000, 3900, 4100] },
      { label: 'a peer', rates: [2000, 1950, 1025] },
      { label: 'another', reason: 'not here' },
    ],
  },
];
const versus = { heading: 'times', reference: ([first]) => first };

const cellsOf = (line) => line.split('|').map((cell) => cell.trim());

test('each program has a row: median, range, time of a step, and how it compares', () => {
  const [, , ours, peer, another] = resultTable(results, versus).split('\n').map(cellsOf);
  expect(ours.slice(4, 9)).toEqual(['ours', '4,000', '3,900..4,100', '8.00', '']);
  expect(peer.slice(4, 9)).toEqual([
    'a peer',
    '1,950',
    '1,025..2,000',
    '16.41',
    '2.05 (2.00..4.00)',
  ]);
  expect(another.slice(4, 9)).toEqual(['another', 'not measured', '', '', '']);
});

test('without a reference nothing is compared', () => {
  const last = { heading: 'times', reference: (entries) => entries.at(-1) };
  for (const row of resultTable(results, last).split('\n').slice(2).map(cellsOf)) {
    expect(row[8]).toBe('');
  }
});

test('a reason is given once, however many cases it holds for', () => {
  expect(missingReasons([...results, ...results])).toEqual(['another: not measured (not here)']);
});
