import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allReduceNames, choose, type Trial } from './choose.js';
import { reducerNames } from './reducer.js';

const trials = (times: Partial<Record<Trial['name'], number | null>>): Trial[] =>
  Object.entries(times).map(([name, milliseconds]) => ({
    name: name as Trial['name'],
    milliseconds,
  }));

it('knows an order of all algorithms', () => {
  expect([...allReduceNames].sort()).toEqual([...reducerNames, 'star'].sort());
});

describe('choose', () => {
  it.each([
    [{ star: 9.8, ring: 2.1, 'shared-memory': 0.2 }, 'shared-memory', null],
    // Not clearly faster: within the noise of another run.
    [{ hierarchical: 1, ring: 0.8 }, 'hierarchical', null],
    [{ hierarchical: 1, ring: 0.79 }, 'ring', 'hierarchical'],
    // A slice of the scheduler's may be in it.
    [{ 'shared-memory': 4.9, ring: 0.2 }, 'shared-memory', null],
    [{ 'shared-memory': 15, ring: 8 }, 'shared-memory', null],
    [{ 'shared-memory': 15, ring: 7.9 }, 'ring', 'shared-memory'],
    [{ 'shared-memory': null, ring: 5, star: 4.5 }, 'ring', null],
    [{ ring: 5, star: 3.9 }, 'star', 'ring'],
    [{ hierarchical: 3, ring: 2.9 }, 'hierarchical', null],
    [{ ring: null, star: 4 }, 'star', null],
    // Both are clearly faster than the first, and not than each other: the preferred of the two.
    [{ hierarchical: 10, ring: 5, star: 4.5 }, 'ring', 'hierarchical'],
    // Clearly faster than the first, not than the second, which is not clearly faster than the first.
    [{ hierarchical: 10, ring: 8.5, star: 7.5 }, 'star', 'hierarchical'],
  ] as const)('of %j takes %s', (times, name, insteadOf) => {
    expect(choose(trials(times))).toEqual({ name, insteadOf });
  });

  it('has nothing to choose where all failed', () => {
    expect(choose([])).toBeNull();
    expect(choose(trials({ ring: null, star: null }))).toBeNull();
  });

  it('does not depend on the order of the trials, and never takes what failed', () => {
    const trial = (name: Trial['name']) =>
      fc.record({
        name: fc.constant(name),
        milliseconds: fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
      });
    const world = fc.tuple(...allReduceNames.map(trial)).chain((all) =>
      fc.record({
        some: fc.subarray(all),
        shuffled: fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
      }),
    );
    fc.assert(
      fc.property(world, ({ some, shuffled }) => {
        const choice = choose(some);
        expect(choose(shuffled.filter((each) => some.includes(each)))).toEqual(choice);
        const working = some.filter(({ milliseconds }) => milliseconds !== null);
        if (choice === null) {
          expect(working).toEqual([]);
          return;
        }
        const chosen = working.find(({ name }) => name === choice.name)!;
        const time = chosen.milliseconds! - (chosen.name === 'shared-memory' ? 5 : 0);
        const least = Math.min(...working.map(({ milliseconds }) => milliseconds!));
        expect(time * 0.8).toBeLessThanOrEqual(least);
      }),
    );
  });
});
