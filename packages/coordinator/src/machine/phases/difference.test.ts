import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import {
  atStep,
  hello,
  lost,
  outcomeOf,
  Rehearsal,
  type Rehearsed,
  sha,
  start,
} from '../rehearsal.suite.js';
import type { Settings } from '../state.js';

/** Three ranks; these hold other weights whenever they are asked, so often. */
function differing(times: Record<string, number>, options: Rehearsed = {}): Rehearsal {
  const left = new Map(Object.entries(times));
  let isGiven = false;
  return new Rehearsal({
    ...options,
    settings: { workers: 3, batchSize: 3, epochs: 3, ...options.settings },
    before: (rehearsal, event) => {
      if (event.type !== 'message' || event.header.kind !== 'hash') return;
      const { phase } = rehearsal.state;
      isGiven = phase.name === 'comparing' && phase.given;
      const more = left.get(event.peer) ?? 0;
      if (more === 0 || isGiven) return;
      left.set(event.peer, more - 1);
      Object.assign(event.header, { weightsSha256: sha(event.peer === 'c' ? 'd' : 'f') });
    },
  })
    .post(start)
    .join('a', 'b', 'c')
    .run();
}

const warnings = ({ news }: Rehearsal): string[] =>
  news.flatMap((each) => (each.news === 'warning' ? [each.message] : []));

describe('ranks with other weights than most', () => {
  it('get those of the others, once, and are named', async () => {
    const run = differing({ a: 1 });
    await expect(run.transcript).toMatchFileSnapshot('../traces/difference.txt');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    const [warning] = warnings(run);
    expect(warning).toContain('rank 0 (host host-a, pid 1) held ffff');
    expect(warning).toContain('than most ranks (eeee');
  });

  it('are not asked for the state any more', () => {
    const run = differing({ a: 1 });
    const after = run.transcript.slice(run.transcript.indexOf('held ffff'));
    expect(after).toContain('-> b send-state');
    expect(after).not.toContain('-> a send-state');
  });

  it('are not asked for the state, also where the others held other weights before', () => {
    const sick = ['b', 'c', 'a'];
    let asked = 0;
    const run = new Rehearsal({
      settings: { workers: 3, batchSize: 3, epochs: 4 },
      before: ({ state: { phase } }, event) => {
        if (event.type !== 'message' || event.header.kind !== 'hash') return;
        if (phase.name !== 'comparing' || phase.given) return;
        const isSick = event.peer === sick[Math.floor(asked++ / 3)];
        if (isSick) Object.assign(event.header, { weightsSha256: sha('f') });
      },
    })
      .post(start)
      .join('a', 'b', 'c')
      .run();
    expect(warnings(run)).toHaveLength(3);
    const after = run.transcript.slice(run.transcript.indexOf('rank 0 (host host-a, pid 1) held'));
    expect(/-> (\w) send-state/.exec(after)?.[1]).toBe('b');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('end the run when it happens again', () => {
    const run = differing({ c: 2 });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'RANKS_DIFFER' });
    expect(outcomeOf(run)?.message).toContain('rank 2 (host host-c, pid 1): dddd');
  });

  it('end the run where no majority is right', () => {
    const run = differing({ a: 1, c: 1 });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'RANKS_DIFFER' });
  });

  it('end the run where each has its own part of the optimizer', () => {
    const run = differing({ a: 1 }, { settings: { allReduce: 'ring', shardOptimizer: true } });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'RANKS_DIFFER' });
  });
});

describe('a change of membership', () => {
  const comes: Event = {
    type: 'message',
    peer: 'e',
    header: hello({ host: 'host-e' }),
    tensors: null,
  };

  /** Ranks with such weights, where they are not those of the others, when this happens in their second step. */
  function changing(
    peers: string,
    happens: Event,
    weights: Record<string, string>,
    allReduce: Settings['allReduce'] = 'star',
  ): Rehearsal {
    const happening = atStep(1, (rehearsal) => {
      if (happens.type === 'lost') rehearsal.silence(happens.peer);
      rehearsal.interject(happens);
    });
    return new Rehearsal({
      settings: { workers: 5, minWorkers: 1, allReduce },
      before: (rehearsal, event) => {
        happening.before?.(rehearsal, event);
        const { phase } = rehearsal.state;
        if (event.type !== 'message' || event.header.kind !== 'hash') return;
        const digit = weights[event.peer];
        if (phase.name !== 'comparing' || phase.given || digit === undefined) return;
        Object.assign(event.header, { weightsSha256: sha(digit) });
        // Only this once.
        delete weights[event.peer];
      },
    })
      .post(start)
      .join(...peers)
      .run()
      .post({ type: 'tick', now: 10_000 })
      .run();
  }

  /** Who is asked for its state after that. */
  const giver = ({ transcript }: Rehearsal, after: string): string | undefined =>
    /-> (\w) send-state/.exec(transcript.slice(transcript.indexOf(after)))?.[1];

  it.each(['star', 'ring'] as const)('is no way for weights that most do not hold: %s', (how) => {
    const run = changing('abc', comes, { a: 'f' }, how);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(giver(run, 'e: ready')).toBe('b');
    expect(warnings(run).join()).toContain('rank 0 (host host-a, pid 1) held ffff');
  });

  it('asks none of those that held other weights, now or before', () => {
    const run = changing('abc', lost('c'), { a: 'f' });
    expect(outcomeOf(run)).toMatchObject({ code: 'RANKS_DIFFER' });
    const first = changing('abcd', lost('a'), { b: 'f' });
    expect(giver(first, 'held ffff')).toBe('c');
    expect(warnings(first).join()).toContain('rank 1 (host host-b, pid 1) held ffff');
    expect(outcomeOf(first)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('ends the run where nobody knows which weights are right', () => {
    const run = changing('abc', comes, { a: 'f', b: 'd' });
    expect(outcomeOf(run)).toMatchObject({ code: 'RANKS_DIFFER' });
    expect(outcomeOf(run)?.message).toContain('rank 0 (host host-a, pid 1): ffff');
  });

  it('takes what most hold where some may have applied the step in which one was lost', () => {
    const run = changing('abcd', lost('d'), { a: 'f' }, 'ring');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(giver(run, 'lost {')).toBe('b');
    expect(warnings(run).join()).not.toContain('held');
    const different = changing('abcd', lost('d'), { a: 'f', b: 'd' }, 'ring');
    expect(outcomeOf(different)).toMatchObject({ stoppedBy: 'epochs' });
    expect(giver(different, 'lost {')).toBe('a');
  });

  it('does not ask two of which one may have applied a step more', () => {
    const run = changing('abc', lost('c'), {}, 'ring');
    const between = run.transcript.slice(run.transcript.indexOf('lost {'));
    expect(between.indexOf('send-state')).toBeLessThan(between.indexOf('send-hash'));
  });
});

it('ranks that differ right after all were given the same weights end the run', () => {
  const run = new Rehearsal({
    settings: { workers: 3 },
    before: (rehearsal, event) => {
      const { phase } = rehearsal.state;
      if (event.type !== 'message' || event.header.kind !== 'hash' || event.peer !== 'b') return;
      if (phase.name === 'comparing' && phase.given) {
        Object.assign(event.header, { weightsSha256: sha('f') });
      }
    },
  })
    .post(start)
    .join('a', 'b', 'c')
    .run();
  expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'RANKS_DIFFER' });
});
