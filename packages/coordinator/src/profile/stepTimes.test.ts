import type { RankTimes } from '@lockstep/core/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepTimes } from './stepTimes.js';

/** begin, load, compute, reduce, barrier, apply, gather */
type Told = [RankTimes, ...(RankTimes | null)[]];

describe('stepTimes', () => {
  it.each<[string, Told, number[]]>([
    ['alone', [[7, 1, 2, 0, 30, 4, 0]], [0]],
    [
      'until the last rank has its gradient',
      [
        [1_000, 0, 100, 70, 5, 9, 0],
        [1_010, 20, 120, 20, 5, 9, 0],
      ],
      [50, 0],
    ],
    [
      'not longer than adding up took, whatever the clocks say',
      [
        [0, 0, 100, 30, 5, 9, 0],
        [0, 0, 900, 20, 5, 9, 0],
      ],
      [30, 0],
    ],
    [
      'in the barrier where the coordinator adds up',
      [
        [0, 0, 100, 0, 95, 9, 0],
        [0, 0, 150, 0, 45, 9, 0],
      ],
      [50, 0],
    ],
    [
      'for the gradient of one, which waits for its weights',
      [
        [0, 0, 100, 80, 0, 10, 1],
        [0, 0, 150, 30, 0, 3, 8],
      ],
      [50, 7],
    ],
    ['for none of which nothing is known', [[0, 0, 100, 30, 5, 9, 0], null], [0]],
  ])('a rank waits %s', (_, told, waits) => {
    const known = stepTimes(told).flatMap((times) => (times === null ? [] : [times.wait]));
    expect(known).toEqual(waits);
  });

  it('takes no time away, and the last rank waits for nobody', () => {
    const time = fc.nat(1_000);
    // Where the coordinator adds up, nobody updates a part.
    const rank = fc
      .tuple(time, time, time, time, time, time, time)
      .map((times): RankTimes => (times[3] > 0 ? times : ([...times.slice(0, 6), 0] as RankTimes)));
    fc.assert(
      fc.property(fc.array(rank, { minLength: 1, maxLength: 8 }), (told) => {
        const seen = stepTimes(told).map((times) => times!);
        for (const [i, { begin, load, compute, wait, reduce, barrier, apply }] of seen.entries()) {
          const whole = begin + load + compute + wait + reduce + barrier + apply;
          expect(whole).toBe(told[i]!.reduce((sum, each) => sum + each, 0));
          for (const each of [wait, reduce, barrier]) expect(each).toBeGreaterThanOrEqual(0);
        }
        const ready = told.map(([begin, load, compute]) => begin + load + compute);
        const last = ready.indexOf(Math.max(...ready));
        expect(seen[last]!.wait).toBeLessThanOrEqual(told[last]![6]);
      }),
    );
  });
});
