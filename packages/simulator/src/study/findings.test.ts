import { expect, it } from 'vitest';
import { plainNetwork as network } from '../network/example.suite.js';
import type { Row } from '../report/efficiency.js';
import { doublingGivesLess, exchangeOf, fallsBelow, overtakes } from './findings.js';
import type { Curve } from './study.js';

const workload = { length: 1, alone: 1, gradients: 0.9, apply: 0.2, parts: [], sharesCore: true };

/** Steps of so many seconds, at 1, 2, 4, ... ranks. */
function curve(name: string, steps: readonly number[]): Curve {
  const rows = steps.map((whole, i): Row => {
    const scenario = {
      network,
      ranks: 2 ** i,
      allReduce: 'ring',
      compression: 'none',
      workload,
      overlaps: false,
      steps: 1,
      seed: 1,
    } as const;
    const result = { whole, reduce: 0, barrier: 0, events: 0, messages: 0 };
    return { scenario, result, efficiency: workload.alone / whole, took: 0 };
  });
  return { name, rows };
}

it('tells what is exchanged from what is computed', () => {
  const [one, two] = curve('ring', [1, 1.5]).rows;
  expect(exchangeOf(one!)).toBe(0);
  expect(exchangeOf(two!)).toBeCloseTo(0.4, 9);
});

it('finds where one is faster for good', () => {
  const star = curve('star', [1, 1.1, 1.3, 2, 4]);
  const ring = curve('ring', [1, 1.05, 1.4, 1.5, 1.6]);
  expect(overtakes(ring, star)).toBe(8);
  expect(overtakes(star, ring)).toBeNull();
});

it('finds where ranks are not worth it any more', () => {
  const ring = curve('ring', [1, 1.2, 1.6, 2.5, 4.5]);
  expect(fallsBelow(ring, 0.9)).toBe(2);
  expect(fallsBelow(ring, 0.5)).toBe(8);
  expect(fallsBelow(ring, 0.1)).toBeNull();
  // 1, 1.67, 2.5, 3.2, 3.56 times the images of one.
  expect(doublingGivesLess(ring, 0.5)).toBe(4);
  expect(doublingGivesLess(ring, 0.2)).toBe(8);
  expect(doublingGivesLess(ring, 0.05)).toBeNull();
});
