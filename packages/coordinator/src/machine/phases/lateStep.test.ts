import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import { Rehearsal, settings, start, tick } from '../rehearsal.suite.js';
import type { Outcome, Settings } from '../state.js';

/** A rank's answer to a ping in the second step, in which all this happens. */
const pong = (peer: string, waitingFor: number[]): Event => ({
  type: 'message',
  peer,
  header: {
    kind: 'pong',
    run: 'r1',
    generation: 1,
    step: 1,
    waitingFor,
    askedAt: 0,
    answeredAt: 0,
  },
  tensors: null,
});

/** Three ranks that add up among themselves; from the second step on, these say nothing. */
function stuck(silent: string[], change: Partial<Settings> = {}): Rehearsal {
  return new Rehearsal({
    settings: { workers: 3, batchSize: 3, allReduce: 'ring', ...change },
    before: (run) => {
      if (run.state.phase.name !== 'training' || run.state.cursor.step !== 0) return;
      for (const peer of silent) run.silence(peer);
    },
  })
    .post(start)
    .join('a', 'b', 'c')
    .run();
}

/** The survivors are as silent as the lost: the run is ending, and waits for their state. */
const outcomeOf = ({ state }: Rehearsal): Outcome | null => state.failing;

const lost = (run: Rehearsal): string[] =>
  [...(outcomeOf(run)?.message ?? '').matchAll(/rank (\d) \(host/g)].map(([, rank]) => rank!);

const { stepTimeoutMs, pingIntervalMs } = settings;
const graceMs = 2 * pingIntervalMs;

describe('a step that is late', () => {
  it('is the fault of the rank that waits for nobody', () => {
    const run = stuck(['a', 'b', 'c']).post(tick(stepTimeoutMs)).run();
    expect(outcomeOf(run)).toBeNull();
    run.post(pong('a', [1]), pong('c', [1, 0]), tick(stepTimeoutMs + graceMs)).run();
    expect(lost(run)).toEqual(['1']);
    expect(outcomeOf(run)?.message).toContain('within 5 s');
  });

  it('is not excused by what a rank said before it was late: it may be stuck since', () => {
    const run = stuck(['a', 'b', 'c']);
    run.post(pong('b', [0]), tick(stepTimeoutMs), pong('a', [1]), pong('c', [1]));
    run.post(tick(stepTimeoutMs + graceMs)).run();
    expect(lost(run)).toEqual(['1']);
  });

  it('is not excused by a wait that is over', () => {
    const run = stuck(['a', 'b', 'c']).post(tick(stepTimeoutMs));
    run.post(pong('a', [1]), pong('b', [0]), pong('b', []), pong('c', []));
    run.post(tick(stepTimeoutMs + graceMs)).run();
    expect(lost(run)).toEqual(['1', '2']);
  });

  it('is the fault of all where all wait for each other', () => {
    const run = stuck(['a', 'b', 'c']).post(tick(stepTimeoutMs));
    run.post(pong('a', [1]), pong('b', [2]), pong('c', [0])).run();
    run.post(tick(stepTimeoutMs + graceMs)).run();
    expect(lost(run)).toEqual(['0', '1', '2']);
  });

  it('goes on where it is complete after all', () => {
    const run = stuck(['a', 'b', 'c']).post(tick(stepTimeoutMs)).run();
    for (const peer of ['a', 'b', 'c']) {
      run.post({
        type: 'message',
        peer,
        header: {
          kind: 'contribution',
          run: 'r1',
          generation: 1,
          step: 1,
          samples: 1,
          metrics: { loss: { sum: 1, count: 1 } },
        },
        tensors: null,
      });
    }
    run
      .run()
      .post(tick(stepTimeoutMs + graceMs))
      .run();
    expect(outcomeOf(run)).toBeNull();
    expect(run.state.cursor.step).toBe(2);
  });

  it('is the fault of the one that is missing alone, at once', () => {
    const run = stuck(['b']).post(tick(stepTimeoutMs)).run();
    expect(lost(run)).toEqual(['1']);
  });

  it('is the fault of all that are missing where the coordinator adds up, at once', () => {
    const run = stuck(['a', 'b'], { allReduce: 'star' }).post(tick(stepTimeoutMs)).run();
    expect(lost(run)).toEqual(['0', '1']);
  });
});
