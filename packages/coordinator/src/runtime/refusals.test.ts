import { expect, it } from 'vitest';
import { Refusals } from './refusals.js';

const refused = (peer: string) =>
  ({ news: 'refused', peer, code: 'PROTOCOL_VIOLATION', message: `${peer} is nobody` }) as const;

it('tells of the first few, and then how many more there were', () => {
  const refusals = new Refusals();
  const told = Array.from({ length: 1_000 }, (_, i) => refusals.admit(refused(`p${i}`), 10 * i));
  expect(told.map((is, i) => (is ? i : null)).filter((i) => i !== null)).toEqual([0, 1, 2, 3, 4]);
  expect(refusals.summary(59_999)).toBeNull();
  expect(refusals.summary(60_000)).toBe(
    'refused 995 more in 60 s, the last one: PROTOCOL_VIOLATION: p999 is nobody',
  );
  expect(refusals.summary(120_000)).toBeNull();
});

it('tells of each one where there are few', () => {
  const refusals = new Refusals();
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < 5; i++) {
      expect(refusals.admit(refused(`p${i}`), 60_000 * minute + i)).toBe(true);
    }
  }
  expect(refusals.summary(1e9)).toBeNull();
});

it('forgets nobody when the summary comes late', () => {
  const refusals = new Refusals();
  for (let i = 0; i < 8; i++) refusals.admit(refused('a'), 0);
  expect(refusals.admit(refused('b'), 70_000)).toBe(false);
  expect(refusals.summary(70_001)).toMatch(/refused 4 more .* b is nobody/);
  expect(refusals.admit(refused('c'), 70_002)).toBe(true);
});
