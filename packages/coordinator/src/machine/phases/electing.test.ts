import { describe, expect, it } from 'vitest';
import {
  inPhase,
  lost,
  outcomeOf,
  pair,
  Rehearsal,
  type Rehearsed,
  start,
} from '../rehearsal.suite.js';

describe('saving what others have', () => {
  /** Ranks are lost together, in this phase at a step. */
  const losing = (phase: string, step: number, ...peers: string[]): Pick<Rehearsed, 'before'> =>
    inPhase(phase, step, (run) => {
      for (const peer of [...peers].reverse()) run.interject(lost(peer)).silence(peer);
    });

  it.each(['fetching', 'saving'])('the last epoch, when a worker is lost while %s', (phase) => {
    const run = pair(losing(phase, 2, 'a')).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.state.savedStep).toBe(2);
    expect(run.transcript).toContain('"finished":"epochs"');
  });

  describe('where ranks add up among themselves', () => {
    const within = (ahead: number, allReduce: 'ring' | 'star' = 'ring') =>
      pair({
        settings: { allReduce, epochs: 1 },
        ahead,
        ...losing('training', 1, 'b'),
      }).run();
    const saved = (run: Rehearsal) =>
      /save .*"cursor":(\{.*?\}).*"epochSums":\{"loss":(\{.*?\})/.exec(run.transcript)?.slice(1);

    it('is at the step that a survivor has applied, with what was reported of it', () => {
      const run = within(1);
      expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
      // Rank 0 has reported its two samples of the three of step 1.
      expect(saved(run)).toEqual(['{"epoch":0,"step":2,"position":7}', '{"sum":6,"count":6}']);
      expect(run.state).toMatchObject({ savedStep: 2, epochSums: { loss: { count: 6 } } });
    });

    it('is at the step before, where it has not', () => {
      expect(saved(within(0))).toEqual([
        '{"epoch":0,"step":1,"position":4}',
        '{"sum":4,"count":4}',
      ]);
    });

    it.each([
      ['two steps beyond', within(2)],
      ['beyond a step that the coordinator averages', within(1, 'star')],
    ])('is not %s', (_where, run) => {
      expect(saved(run)).toBeUndefined();
      expect(run.transcript).toMatch(/holds the weights of step \d, not of step 1/);
    });
  });

  it('from the third worker, when two are lost together', () => {
    const run = new Rehearsal({
      settings: { workers: 3, batchSize: 3 },
      ...losing('training', 1, 'a', 'b'),
    })
      .post(start)
      .join('a', 'b', 'c')
      .run();
    expect(outcomeOf(run)?.message).toContain('rank 0');
    expect(run.state.savedStep).toBe(1);
    expect(run.transcript).toContain('-> c send-state');
  });

  it('of the only worker, whose state is here already', () => {
    const run = new Rehearsal({
      settings: { workers: 1 },
      ...losing('saving', 2, 'a'),
    })
      .post(start)
      .join('a')
      .run();
    expect(run.state.savedStep).toBe(2);
    expect(run.transcript).not.toContain('"parameters":[]');
  });

  it('does not save the weights of another step', () => {
    const run = pair({
      before: (_run, event) => {
        if (event.type === 'message' && event.header.kind === 'state') {
          Object.assign(event.header, { iterations: 5 });
        }
      },
    }).run();
    expect(run.transcript).not.toContain('save {');
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});
