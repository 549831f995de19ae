import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { farewells, rightHellos, type Said, talk, wrongHellos } from './hostileMessages.suite.js';
import { outcomeOf, Rehearsal, type Rehearsed, settings, start } from './rehearsal.suite.js';

interface Visit {
  readonly at: number;
  readonly peer: string;
  readonly said: Said;
}

/** Somebody says something before so many events are handled. */
const visits = (peers: readonly string[], ...said: fc.Arbitrary<Said>[]) =>
  fc.array(
    fc.record({ at: fc.nat(90), peer: fc.constantFrom(...peers), said: fc.oneof(...said) }),
    { minLength: 1, maxLength: 12 },
  );

const shapes = fc.record({
  allReduce: fc.constantFrom('star' as const, 'ring' as const, 'auto' as const),
  minWorkers: fc.constantFrom(1, 2),
  workers: fc.constantFrom(2, 3),
  epochs: fc.constant(2),
  logEvery: fc.constantFrom(null, 1),
});

/**
 * Two workers, who train; whoever else comes in between.
 *
 * @param mute who says only what happens, and answers nothing as a worker would
 */
function rehearse(
  options: Rehearsed,
  happenings: readonly Visit[],
  mute: readonly string[] = [],
): Rehearsal {
  let count = 0;
  const run = new Rehearsal({
    ...options,
    before: (rehearsal) => {
      count += 1;
      // Both have a seat.
      const { members, newcomers } = rehearsal.state;
      if (count < 4 || members.length + newcomers.length < 2) return;
      for (const { at, peer, said } of happenings) {
        if (at === count) rehearsal.interject(said(rehearsal.state, peer));
      }
    },
  });
  for (const peer of mute) run.silence(peer);
  run.post(start).join('a', 'b').run();
  for (let now = 10_000; outcomeOf(run) === null && now < 400_000; now += 10_000) {
    run.post({ type: 'tick', now }).run();
  }
  return run;
}

function expectNothingKept({ state: { held, remembered }, tensors, transcript }: Rehearsal): void {
  expect(
    [...tensors].filter((id) => id !== held && id !== remembered),
    transcript,
  ).toEqual([]);
}

function expectAllTrained(run: Rehearsal): void {
  expect(outcomeOf(run), run.transcript).toMatchObject({ stoppedBy: 'epochs' });
  const all = Array.from({ length: settings.dataset.trainSize }, (_, i) => i);
  for (const epoch of [0, 1]) expect(run.trained.get(epoch)).toEqual(all);
}

describe('strangers', () => {
  it('change nothing, whatever they say', () => {
    const strangers = visits(['x', 'y', 'z'], talk, farewells, wrongHellos);
    fc.assert(
      fc.property(shapes, strangers, (change, happenings) => {
        const quiet = rehearse({ settings: change }, []);
        const run = rehearse({ settings: change }, happenings);
        expectAllTrained(run);
        expect(run.state).toEqual(quiet.state);
        expect(run.trained).toEqual(quiet.trained);
        expectNothingKept(run);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are not seated beyond the size of the cluster', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        visits(['x', 'y', 'z', 'u', 'v', 'w'], rightHellos),
        (workers, least, happenings) => {
          const minWorkers = Math.min(workers, least);
          const change = { ...settings, workers, minWorkers };
          const run = rehearse(
            {
              settings: change,
            },
            happenings,
          );
          const { members, newcomers } = run.state;
          expect(members.length + newcomers.length).toBeLessThanOrEqual(workers);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that say hello, and then anything but that they are ready, hold up nobody', () => {
    const change = { workers: 4, minWorkers: 2, epochs: 2 };
    const notReady = talk.map<Said>((said) => (state, peer) => {
      const event = said(state, peer);
      return event.header.kind === 'ready' ? { ...event, peer: 'nobody' } : event;
    });
    fc.assert(
      fc.property(visits(['x', 'y'], rightHellos, notReady, farewells), (happenings) => {
        const run = rehearse({ settings: change }, happenings, ['x', 'y']);
        expectAllTrained(run);
        expectNothingKept(run);
      }),
      { numRuns: 500 },
    );
  });
});

it('a member that says anything at any time may be thrown out, by name; nobody else is blamed', () => {
  fc.assert(
    fc.property(shapes, visits(['b'], talk, farewells), (change, happenings) => {
      const run = rehearse({ settings: change }, happenings);
      const outcome = outcomeOf(run);
      expect(outcome).not.toBeNull();
      if (outcome?.stoppedBy === 'epochs') expectNothingKept(run);
      else expect(outcome?.message).toMatch(/host-b|b broke|The ranks|After step/);
    }),
    { numRuns: 1_000 },
  );
});
