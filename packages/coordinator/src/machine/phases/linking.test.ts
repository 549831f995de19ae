import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import {
  inPhase,
  lost,
  outcomeOf,
  Rehearsal,
  type Rehearsed,
  settings,
  start,
} from '../rehearsal.suite.js';
import type { Settings } from '../state.js';

/** Peers with their hosts in front: `a1`, `a2` and `b1` are on two hosts. */
const placeOf = (peer: string) => ({ address: `tcp://${peer}:1`, host: peer[0]! });

function cluster(
  peers: string,
  { settings: given, ...options }: Omit<Rehearsed, 'settings'> & { settings?: Partial<Settings> },
): Rehearsal {
  const names = peers.split(' ');
  const workers = { workers: names.length, batchSize: names.length, allReduce: 'auto' } as const;
  return new Rehearsal({ placeOf, ...options, settings: { ...workers, ...given } })
    .post(start)
    .join(...names);
}

/** What the ranks were told to try (`?`) and to train with (`!`), in order. */
const linksOf = (run: Rehearsal): string[] =>
  [...run.transcript.matchAll(/-> \w+ link \{.*"collective":"([\w-]+)","measure":(\w+)/g)]
    .map(([, name, measure]) => `${name}${measure === 'true' ? '?' : '!'}`)
    .filter((link, i, all) => link !== all[i - 1]);

const whyOf = (run: Rehearsal): string | undefined =>
  /"news":"linked".*"why":"([^"]*)"/.exec(run.transcript)?.[1];

describe('transcripts', () => {
  it('ranks on one host find out how they average', async () => {
    const times = { 'shared-memory': 0.2, ring: 2, star: 10, hierarchical: 1, single: 0 };
    const run = cluster('a1 a2', { links: (name, rank) => times[name] + rank }).run();
    await expect(run.transcript).toMatchFileSnapshot('../traces/all-reduce.txt');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });
});

describe('auto', () => {
  it.each([
    ['a1 a2', ['shared-memory?', 'ring?', 'star?', 'shared-memory!'], 'all ranks are on one host'],
    ['a1 b1', ['ring?', 'star?', 'ring!'], 'each rank is on a host of its own'],
    ['a1 a2 b1', ['hierarchical?', 'ring?', 'star?', 'hierarchical!'], '3 ranks are on 2 hosts'],
  ])(
    'of %s tries what fits, and takes the preferred one where none is clearly faster',
    (peers, links, why) => {
      const run = cluster(peers, {}).run();
      expect(linksOf(run)).toEqual(links);
      expect(whyOf(run)).toBe(why);
    },
  );

  it('takes one that is clearly faster by the slowest rank', () => {
    const run = cluster('a1 a2', {
      links: (name, rank) => (name === 'ring' ? 3 : rank === 1 ? 10 : 1),
    }).run();
    expect(run.state.collective).toBe('ring');
    expect(whyOf(run)).toBe('clearly faster here than shared-memory');
  });

  it('does not look at the times where runs are to be the same', () => {
    const run = cluster('a1 a2', {
      settings: { allReduce: 'auto', deterministic: true },
      links: (name) => (name === 'ring' ? 1 : 100),
    }).run();
    expect(run.state.collective).toBe('shared-memory');
    const failing = cluster('a1 a2', {
      settings: { allReduce: 'auto', deterministic: true },
      links: (name) => (name === 'shared-memory' ? 'no room' : 1),
    }).run();
    expect(failing.state.collective).toBe('ring');
  });

  it('leaves out what fails on one rank, and says so', () => {
    const run = cluster('a1 a2', {
      links: (name, rank) => (name === 'shared-memory' && rank === 1 ? 'no room' : 1),
    }).run();
    expect(linksOf(run)).toEqual(['shared-memory?', 'ring?', 'star?', 'ring!']);
    expect(whyOf(run)).toBe('shared-memory failed');
    expect(run.transcript).toContain('"message":"rank 1 (host host-a2, pid 1): no room"');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('takes the next best where the best fails when it is put to use', () => {
    const run = cluster('a1 a2', {
      links: (name, _rank, measure) => (name === 'shared-memory' && !measure ? 'gone' : 1),
    }).run();
    expect(linksOf(run).slice(-2)).toEqual(['shared-memory!', 'ring!']);
    expect(run.state.collective).toBe('ring');
  });

  it('says what may be wrong where ranks know each other by the loopback', () => {
    const local = { address: 'tcp://127.0.0.1:4711', host: 'a' };
    const run = cluster('a1 b1', {
      placeOf: (peer) => (peer === 'a1' ? local : placeOf(peer)),
      links: (name) => (name === 'ring' ? 'nobody there' : 1),
    }).run();
    expect(run.state.collective).toBe('star');
    expect(run.transcript).toContain(
      'cannot reach rank 0 (host host-a1, pid 1) at tcp://127.0.0.1',
    );
    const well = cluster('a1 b1', { placeOf: (peer) => ({ ...local, host: peer[0]! }) }).run();
    expect(well.transcript).not.toContain('cannot reach');
  });

  it('has nothing to try where the ranks cannot reach each other', () => {
    const run = cluster('a1 b1', { placeOf: () => null }).run();
    expect(linksOf(run)).toEqual(['star!']);
    expect(whyOf(run)).toBe('the ranks cannot reach each other');
  });

  it('shares memory also where ranks cannot reach each other by the network', () => {
    const run = cluster('a1 a2', { placeOf: () => ({ address: null, host: 'a' }) }).run();
    expect(linksOf(run)).toEqual(['shared-memory?', 'star?', 'shared-memory!']);
  });

  it('leaves out the star where less than the gradient is to cross', () => {
    const run = cluster('a1 b1', { settings: { compression: 'bfloat16' } }).run();
    expect(linksOf(run)).toEqual(['ring?', 'ring!']);
  });

  it('leaves out the star where the optimizer is in parts', () => {
    const run = cluster('a1 b1', { settings: { shardOptimizer: true } }).run();
    expect(linksOf(run)).not.toContain('star?');
    const alone = cluster('a1 b1', { settings: { shardOptimizer: true }, placeOf: () => null });
    expect(outcomeOf(alone.run())?.message).toContain('--shard-optimizer is for ranks that add up');
  });

  it('needs no network in a world of one, and says what has no effect there', () => {
    expect(linksOf(cluster('a1', {}).run())).toEqual(['single!']);
    const given = { shardOptimizer: true, compression: 'float16' } as const;
    const run = cluster('a1', { settings: given }).run();
    expect(run.transcript).toContain('"--shard-optimizer has no effect with one worker."');
    expect(run.transcript).toContain('"--compression float16 has no effect with one worker."');
  });
});

describe('by name', () => {
  it.each(['ring', 'hierarchical', 'shared-memory'] as const)(
    '%s is measured, too',
    (allReduce) => {
      const run = cluster('a1 a2', { settings: { allReduce } }).run();
      expect(linksOf(run)).toEqual([`${allReduce}?`, `${allReduce}!`]);
      expect(whyOf(run)).toBe('as --all-reduce asks');
      expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    },
  );

  it('star is what there always is', () => {
    expect(linksOf(cluster('a1 a2', { settings: { allReduce: 'star' } }).run())).toEqual(['star!']);
  });

  it('ends the run with the reason where it does not work', () => {
    const run = cluster('a1 a2', { settings: { allReduce: 'ring' }, links: () => 'a wall' }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toBe(
      'The ranks cannot average: ring: rank 0 (host host-a1, pid 1): a wall',
    );
    expect(outcomeOf(run)?.hint).toContain('--all-reduce auto');
    expect(run.transcript).toContain('-> a2 stop');
  });

  it.each([
    ['shared-memory', {}, 'SHARED_MEMORY', 'these are on 2: host-a1, host-b1'],
    ['ring', { placeOf: () => null }, 'WORKER_LOST', 'rank 0 (host host-a1, pid 1) has no address'],
    ['star', { settings: { compression: 'float16' } }, 'USAGE', '--compression float16'],
  ] as const)(
    '%s is refused before it is tried where ranks are placed otherwise',
    (allReduce, options, code, said) => {
      const { settings: more, ...rest } = { settings: {}, ...options };
      const run = cluster('a1 b1', { ...rest, settings: { ...more, allReduce } }).run();
      expect(linksOf(run)).toEqual([]);
      expect(outcomeOf(run)?.code).toBe(code);
      expect(outcomeOf(run)?.message).toContain(said);
    },
  );
});

describe('a resumed run', () => {
  const resumed = {
    held: 'c0',
    skipped: 0,
    remembered: null,
    cursor: { epoch: 0, step: 1, position: 4 },
    learningRate: 0.05,
    epochSums: {},
    history: [],
    finished: null,
    collective: 'ring',
  } as const;

  it('goes on with the algorithm that it had, so that it rounds alike', () => {
    const run = cluster('a1 a2', { resumed }).run();
    expect(linksOf(run)).toEqual(['ring!']);
    expect(whyOf(run)).toBe('as before in this run');
    expect(run.transcript).toMatch(/save .*"collective":"ring"/);
  });

  it('tries the others where it does not work any more', () => {
    const run = cluster('a1 a2', {
      resumed,
      links: (name) => (name === 'ring' ? 'a wall' : 1),
    }).run();
    expect(linksOf(run)).toEqual(['ring!', 'shared-memory?', 'star?', 'shared-memory!']);
    expect(whyOf(run)).toBe('ring failed');
  });

  it('does what it is told to', () => {
    const run = cluster('a1 a2', { resumed, settings: { allReduce: 'star' } }).run();
    expect(linksOf(run)).toEqual(['star!']);
  });

  it('is not bound to what a world of one did', () => {
    const alone = { ...resumed, collective: 'single' } as const;
    expect(linksOf(cluster('a1 a2', { resumed: alone }).run())).toContain('shared-memory!');
  });
});

describe('ranks', () => {
  it('of one host stand together, in the order of the first of each host', () => {
    const run = cluster('a1 b1 a2 c1 b2', {}).run();
    expect(run.state.members.map(({ peer }) => peer)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1']);
    expect(run.state.members.map(({ rank }) => rank)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('what goes wrong', () => {
  it('names the rank that does not answer, and ends: nothing was trained', () => {
    const run = cluster('a1 a2', {
      before: (rehearsal) => {
        if (rehearsal.state.phase.name === 'linking') rehearsal.silence('a2');
      },
    }).run();
    run.post({ type: 'tick', now: 59_999 }).run();
    expect(outcomeOf(run)).toBeNull();
    run.post({ type: 'tick', now: 60_000 }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toMatch(/^Lost rank 1 .* no answer about 'ring' within 60 s$/);
    expect(run.transcript).not.toContain('send-state');
  });

  it('names those that the others wait for in a round of probes', () => {
    const run = cluster('a1 a2 a3', {
      settings: { allReduce: 'auto' },
      before: (rehearsal, event) => {
        const { phase } = rehearsal.state;
        if (phase.name !== 'linking' || phase.collective !== 'star') return;
        if (event.type === 'message' && event.header.kind === 'probe' && event.peer === 'a3') {
          Object.assign(event.header, { request: 999 });
        }
      },
    }).run();
    run.post({ type: 'tick', now: 60_000 }).run();
    expect(outcomeOf(run)?.message).toMatch(/^Lost rank 2 /);
  });

  it.each<[string, (event: Event) => void]>([
    ['a probe of another length', (event) => tamper(event, 'probe', {}, 11)],
    ['an answer without a measurement', (event) => tamper(event, 'linked', { milliseconds: null })],
  ])('%s is a violation', (_what, before) => {
    const run = cluster('a1 a2', { before: (_run, event) => before(event) }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('a gradient that nobody needs is a violation', () => {
    const run = cluster('a1 a2', {
      before: (_run, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        Object.assign(event, { tensors: { id: 'x', lengths: { gradient: 10 } } });
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(outcomeOf(run)?.message).toContain("where 'shared-memory' needs none");
    expect(run.transcript).toContain('forget {"id":"x"}');
  });

  it('a step without gradients where the star needs them is a violation', () => {
    const run = cluster('a1 a2', {
      settings: { allReduce: 'star' },
      before: (_run, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        Object.assign(event, { tensors: null });
      },
    }).run();
    expect(outcomeOf(run)?.message).toContain("sent no gradient where 'star' needs one of 10");
  });

  it('a rank that is lost meanwhile ends the run by name', () => {
    const run = cluster(
      'a1 a2',
      inPhase('linking', 0, (rehearsal) => void rehearsal.interject(lost('a1'))),
    ).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toContain('rank 0');
    expect(run.transcript).not.toContain('save');
  });

  it('Ctrl-C ends it with a checkpoint, once the ranks have agreed', () => {
    const run = cluster(
      'a1 a2',
      inPhase(
        'linking',
        0,
        (rehearsal) => void rehearsal.interject({ type: 'interrupt', signal: 'SIGINT' }),
      ),
    ).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal' });
    expect(run.state.savedStep).toBe(0);
  });
});

describe('a run that may go on with other ranks', () => {
  const elastic = { allReduce: 'ring', minWorkers: 2 } as const;

  it('tries once more what one that stood still has made fail on all ranks', () => {
    let answers = 0;
    const run = cluster('a1 b1 c1', {
      settings: elastic,
      links: () => (answers++ < 3 ? 'nobody there' : 1),
    }).run();
    expect(linksOf(run)).toEqual(['ring?', 'ring!']);
    expect(run.transcript).toContain('nobody there; they try once more.');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.members).toHaveLength(3);
  });

  it('ends where nothing works the second time, either', () => {
    const run = cluster('a1 b1 c1', { settings: elastic, links: () => 'a wall' }).run();
    expect(outcomeOf(run)?.message).toMatch(/^The ranks cannot average: ring: rank 0 .*: a wall$/);
    expect(run.transcript.match(/-> a1 link/g)).toHaveLength(2);
  });

  it('goes on without the one that does not answer, whatever the others say', () => {
    const run = cluster('a1 b1 c1', {
      settings: elastic,
      links: () => (run.state.generation === 1 ? 'nobody there' : 1),
      before: (rehearsal) => {
        if (rehearsal.state.phase.name === 'linking') rehearsal.silence('c1');
      },
    });
    run.run().post({ type: 'tick', now: 60_000 }).run();
    expect(run.transcript).toMatch(/Lost rank 2 .* no answer about 'ring' within 60 s/);
    expect(run.state.members.map(({ peer }) => peer)).toEqual(['a1', 'b1']);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });
});

function tamper(event: Event, kind: string, change: object, length?: number): void {
  if (event.type !== 'message' || event.header.kind !== kind || event.peer !== 'a2') return;
  Object.assign(event.header, change);
  if (length !== undefined)
    Object.assign(event, { tensors: { id: 'x', lengths: { gradient: length } } });
}

it('asks for addresses only where ranks may need them', () => {
  const asks = (given: Partial<Settings>): boolean => {
    const run = cluster('a1 a2', { settings: given });
    let peers = false;
    run.post({ type: 'tick', now: 1 }).run();
    for (const member of run.state.members) peers ||= member.ready?.peer !== null;
    return peers;
  };
  expect(asks({})).toBe(true);
  expect(asks({ allReduce: 'ring' })).toBe(true);
  expect(asks({ allReduce: 'star' })).toBe(false);
  expect(settings.allReduce).toBe('star');
});
