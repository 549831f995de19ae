import { describe, expect, it } from 'vitest';
import { outcomeOf, Rehearsal, type Rehearsed, sha } from '../rehearsal.suite.js';

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
    .post({ type: 'start', now: 0, channel: 'c0' })
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
    .post({ type: 'start', now: 0, channel: 'c0' })
    .join('a', 'b', 'c')
    .run();
  expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'RANKS_DIFFER' });
});
