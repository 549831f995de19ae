import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StepTimes } from './stepTimes.js';
import { latenessOf, stragglers } from './straggler.js';

const step = (
  load: number,
  compute: number,
  wait: number,
  reduce: number,
  barrier: number,
  apply: number,
): StepTimes => ({ begin: 0, load, compute, wait, reduce, barrier, apply });

describe('latenessOf', () => {
  it.each([
    ['nobody is late alone', [step(0, 100, 0, 0, 5, 10)], [0]],
    ['of two the slower is late', [step(0, 100, 40, 5, 5, 10), step(0, 140, 0, 5, 5, 10)], [0, 40]],
    ['waiting is not being late', [step(0, 100, 900, 5, 5, 10), step(0, 100, 0, 5, 5, 10)], [0, 0]],
    ['loading is', [step(0, 100, 90, 5, 5, 10), step(90, 100, 0, 5, 5, 10)], [0, 90]],
    [
      'less than a tenth of the step is not',
      [step(0, 100, 10, 0, 0, 0), step(0, 110, 0, 0, 0, 0)],
      [0, 0],
    ],
    [
      'of four both slow ones are, if the others are equal',
      [100, 150, 100, 160].map((compute) => step(0, compute, 160 - compute, 0, 0, 0)),
      [0, 50, 0, 60],
    ],
  ])('%s', (_, times, expected) => {
    expect(latenessOf(times)).toEqual(expected);
  });

  it('never calls half of the ranks or more late', () => {
    const duration = fc.integer({ min: 0, max: 1_000 });
    const times = fc.tuple(duration, duration, duration, duration, duration, duration);
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 9 }), (ranks) => {
        const late = latenessOf(ranks.map((each) => step(...each))).filter((each) => each > 0);
        expect(late.length).toBeLessThanOrEqual(ranks.length / 2);
      }),
    );
  });
});

describe('stragglers', () => {
  const usual = { load: 0, compute: 10, wait: 5, reduce: 1, barrier: 1, apply: 1 };
  const slow = { ...usual, compute: 14, wait: 0, load: 1 };

  it('names who was late in most steps, by how much, and with what', () => {
    const lateness = [
      { steps: 0, microseconds: 0 },
      { steps: 75, microseconds: 75 * 5_000 },
    ];
    expect(stragglers(100, [usual, slow], lateness)).toEqual([
      { rank: 1, share: 0.75, lateMs: 5, stepMs: 18, phase: 'compute' },
    ]);
  });

  it.each([
    [100, 50],
    [19, 19],
  ])('of %d steps, %d late ones are not enough', (steps, late) => {
    const lateness = [
      { steps: 0, microseconds: 0 },
      { steps: late, microseconds: late * 5_000 },
    ];
    expect(stragglers(steps, [usual, slow], lateness)).toEqual([]);
  });

  it('puts the most expensive one first', () => {
    const lateness = [90, 0, 100, 0, 70].map((late, rank) => ({
      steps: late,
      microseconds: late * 1_000 * (rank + 1),
    }));
    const means = lateness.map(() => usual);
    expect(stragglers(100, means, lateness).map(({ rank }) => rank)).toEqual([4, 2, 0]);
  });
});
