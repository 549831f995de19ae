import { expect, test } from 'vitest';
import { collectiveTable } from './collectiveTable.mjs';

const cellsOf = (line) => line.split('|').map((cell) => cell.trim());
const ours = { label: 'Lockstep (ring)', rates: [1000, 500, 2000] };
const missing = { label: 'Lockstep (star)', reason: 'not here' };
const gloo = { label: 'gloo', rates: [250, 250, 200] };

function rowsOf(...entries) {
  const results = [{ hosts: 1, ranks: 2, size: { name: 'cnn', length: 693_962 }, entries }];
  return collectiveTable(results).split('\n').slice(2).map(cellsOf);
}

test('time, bytes of the array a second, and how many times as fast as gloo', () => {
  const [ring, star, last] = rowsOf(ours, missing, gloo);
  expect(ring.slice(1, -1)).toEqual([
    ...['1', '2', 'cnn, 2.8 MB', 'Lockstep (ring)'],
    ...['1.00', '0.500..2.00', '2.8', '4.00 (2.00..10.00)'],
  ]);
  expect(star.slice(4, -1)).toEqual(['Lockstep (star)', 'not measured', '', '', '']);
  expect(last.slice(4, -1)).toEqual(['gloo', '4.00', '4.00..5.00', '0.69', '']);
});

test('without gloo nothing is compared', () => {
  const [ring] = rowsOf(ours, { label: 'gloo', reason: 'no PyTorch' });
  expect(ring.at(-2)).toBe('');
});
