import { expect, it } from 'vitest';
import { parseRanks } from './ranks.js';

it('takes one, several, or all powers of two between two ends', () => {
  expect(parseRanks('256')).toEqual([256]);
  expect(parseRanks('8,2,4,2')).toEqual([2, 4, 8]);
  expect(parseRanks('1..8')).toEqual([1, 2, 4, 8]);
  expect(parseRanks('3..20')).toEqual([3, 4, 8, 16, 20]);
  expect(parseRanks('5..5')).toEqual([5]);
});

it.each(['', '0', '1..', '4..2', '2,x', '1.5', '1..100000', '-1', '0..4'])('refuses %j', (text) => {
  expect(() => parseRanks(text)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining('1..4096') }),
  );
});
