import type { Breakdown, RunRecord } from '@lockstep/coordinator';
import { expect, it } from 'vitest';
import { breakdownTable, stragglerLines } from './breakdown.js';

const fast = { load: 0.1, compute: 7.9, wait: 8, reduce: 1, barrier: 1, apply: 2 };
const slow = { ...fast, compute: 15.9, wait: 0 };
const breakdown: Breakdown = {
  steps: 3_730,
  ranks: [fast, slow],
  stragglers: [{ rank: 1, share: 0.874, lateMs: 8.2, stepMs: 20, phase: 'compute' }],
};

it('shows each rank, in percent of a step', () => {
  expect(`\n${breakdownTable(breakdown).join('\n')}\n`).toBe(`
Where a step's time goes (20 ms, mean of 3,730):
        load  forward + backward  wait  reduce  barrier  apply
rank 0   1 %                40 %  40 %     5 %      5 %   10 %
rank 1   1 %                80 %   0 %     5 %      5 %   10 %
`);
});

it.each([
  ['of a world of one', { ...breakdown, ranks: [fast], stragglers: [] }],
  ['before enough steps', null],
])('shows nothing %s', (_, given) => {
  expect(breakdownTable(given)).toEqual([]);
});

it('shows of many ranks their mean, and who is late', () => {
  const ranks = Array.from({ length: 64 }, (_, rank) => (rank === 1 ? slow : fast));
  const lines = breakdownTable({ ...breakdown, ranks });
  expect(lines.slice(2).map((line) => line.slice(0, 6))).toEqual(['mean  ', 'rank 1']);
});

it('names who is late, by how much, with what, and says what to look at', () => {
  const processes: RunRecord['processes'] = [
    { role: 'coordinator', rank: null, pid: 1, host: 'a' },
    { role: 'worker', rank: 0, pid: 2, host: 'a' },
    { role: 'worker', rank: 1, pid: 3, host: 'b' },
  ];
  expect(stragglerLines({ breakdown, processes })).toEqual([
    'rank 1 (b, pid 3) keeps the others waiting: late in 87 % of the steps, by 8.2 ms where a step takes 20 ms, with forward + backward. See what else runs on its processor, and whether that is slower than those of the others.',
  ]);
  expect(stragglerLines({ breakdown: null, processes })).toEqual([]);
});
