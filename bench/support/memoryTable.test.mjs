import { expect, test } from 'vitest';
import { memoryTable } from './memoryTable.mjs';

const MiB = 2 ** 20;

test('of the ranks the one that has the most', () => {
  const samples = [
    [
      { now: 100 * MiB, most: 150 * MiB },
      { now: 120 * MiB, most: 130 * MiB },
    ],
    [
      { now: 121 * MiB, most: 160 * MiB },
      { now: 110 * MiB, most: 130 * MiB },
    ],
  ];
  const table = memoryTable(
    [500, 1000],
    [
      { label: 'ours', samples },
      { label: 'theirs', reason: 'no' },
    ],
  );
  const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows[0].slice(1, -1)).toEqual([
    ...['program', 'MiB after 500 steps', 'MiB after 1000 steps', 'at most'],
  ]);
  expect(rows[2].slice(1, -1)).toEqual(['ours', '120', '121', '160']);
  expect(rows[3].slice(1, -1)).toEqual(['theirs', 'not measured', 'not measured', '']);
});
