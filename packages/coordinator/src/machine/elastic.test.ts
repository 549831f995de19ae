import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from './events.js';
import {
  atStep,
  hello,
  outcomeOf,
  Rehearsal,
  type Rehearsed,
  settings,
  start,
  tick,
} from './rehearsal.suite.js';
import type { Settings } from './state.js';

const lost = (peer: string): Event => ({
  type: 'lost',
  peer,
  code: 'WORKER_LOST',
  reason: 'its connection is gone',
});
const comes = (peer: string, slot?: number): Event => ({
  type: 'message',
  peer,
  header: hello({ host: `host-${peer}`, ...(slot === undefined ? {} : { slot }) }),
  tensors: null,
});
const leaves = (peer: string): Event => ({
  type: 'message',
  peer,
  header: { kind: 'leaving', run: 'r1', generation: 1, reason: 'SIGTERM' },
  tensors: null,
});

const fails = (peer: string): Event => ({
  type: 'message',
  peer,
  header: { kind: 'failed', run: 'r1', generation: 1, code: 'INTERNAL', message: 'broke' },
  tensors: null,
});

/** Two workers of which one is enough, unless said otherwise. */
const cluster = ({ settings: change, ...options }: Rehearsed = {}): Rehearsal =>
  new Rehearsal({ ...options, settings: { workers: 2, minWorkers: 1, ...change } })
    .post(start)
    .join('a', 'b');

const loses = (peer: string) => (rehearsal: Rehearsal) =>
  void rehearsal.silence(peer).interject(lost(peer));

const regroupings = ({ news }: Rehearsal) =>
  news.flatMap((each) =>
    each.news === 'regrouped'
      ? [{ step: each.cursor.step, ranks: each.members.map(({ peer }) => peer) }]
      : [],
  );

/** Every sample of each epoch, once. */
function expectAllTrained(run: Rehearsal, epochs = 1): void {
  expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  const all = Array.from({ length: settings.dataset.trainSize }, (_, i) => i);
  for (let epoch = 0; epoch < epochs; epoch++) expect(run.trained.get(epoch)).toEqual(all);
}

describe('a rank is lost', () => {
  it('the others train its step again, and go on', async () => {
    const run = cluster(atStep(1, loses('b'))).run();
    await expect(run.transcript).toMatchFileSnapshot('traces/elastic.txt');
    expectAllTrained(run);
    expect(regroupings(run)).toEqual([{ step: 1, ranks: ['a'] }]);
  });

  it('is told that it is not counted on when it is heard again', () => {
    const pong = { kind: 'pong', run: 'r1', generation: 1, step: 1 } as const;
    const run = cluster(
      atStep(1, (rehearsal) => {
        loses('b')(rehearsal);
        const header = { ...pong, waitingFor: [], askedAt: 0, answeredAt: 0 };
        rehearsal.post({ type: 'message', peer: 'b', header, tensors: null });
      }),
    ).run();
    expect(run.transcript).toMatch(/^b: pong.*\n +-> b refuse/m);
    expectAllTrained(run);
  });

  it('keeps no gradient of the step that the run ends in', () => {
    let heard = 0;
    const run = cluster({
      settings: { minWorkers: 2, allReduce: 'star' },
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        heard += 1;
        if (heard === 1) rehearsal.silence('b').interject(lost('b'));
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect([...run.tensors]).toEqual([]);
  });

  it('its step counts where another rank has applied it', () => {
    const run = cluster({
      settings: { allReduce: 'ring' },
      ahead: 1,
      ...atStep(0, loses('a')),
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(regroupings(run)).toEqual([{ step: 1, ranks: ['b'] }]);
    expect(run.state.cursor).toMatchObject({ step: 2, epoch: 1 });
  });

  it('its step was the last one of the epoch, and another rank has applied it', () => {
    const run = cluster({
      settings: { allReduce: 'ring' },
      ahead: 1,
      ...atStep(1, loses('b')),
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.cursor).toMatchObject({ step: 2, epoch: 1 });
  });

  it('its step was the last one of all, and another rank has applied it', () => {
    const run = cluster({
      settings: { allReduce: 'ring', batchSize: 2, steps: 2 },
      ahead: 1,
      ...atStep(1, loses('b')),
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs', message: 'Trained all 2 steps.' });
    expect(run.state.cursor).toEqual({ step: 2, epoch: 0, position: 4 });
    expect(run.state.savedStep).toBe(2);
  });

  it('ends the run, saved, where no other can be had', () => {
    const run = cluster({ settings: { minWorkers: 2 }, ...atStep(1, loses('b')) }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(run.state.savedStep).toBe(1);
  });
});

describe('nobody is left who has the weights', () => {
  const losesAll = (rehearsal: Rehearsal): void => {
    rehearsal.silence('a').silence('b').interject(lost('b')).interject(lost('a'));
  };

  it('goes back to the newest checkpoint once others come', async () => {
    const run = cluster({ settings: { epochs: 2 }, ...atStep(3, losesAll) }).run();
    expect(run.state).toMatchObject({ phase: { name: 'rejoining' }, cursor: { step: 2 } });
    run.post(comes('c')).run();
    await expect(run.transcript).toMatchFileSnapshot('traces/reload.txt');
    expectAllTrained(run, 2);
    expect(regroupings(run)).toEqual([{ step: 2, ranks: ['c'] }]);
  });

  it('lets the callbacks begin anew', () => {
    const hooks: string[] = [];
    const run = cluster({
      verdicts: (hook) => {
        hooks.push(hook);
        return {};
      },
      ...atStep(1, losesAll),
    }).run();
    run.post(comes('c')).run();
    expect(hooks).toEqual([
      ...['train-begin', 'epoch-begin', 'step'],
      ...['train-begin', 'epoch-begin', 'step', 'step', 'epoch-end', 'train-end'],
    ]);
  });

  it('ends with its checkpoint where nobody comes', () => {
    const run = cluster(atStep(1, losesAll)).run().post(tick(30_000)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'TOO_FEW_WORKERS' });
    expect(run.state.savedStep).toBe(0);
  });

  it('ends at once when it is told to', () => {
    const run = cluster(atStep(1, losesAll)).run();
    run.post({ type: 'interrupt', signal: 'SIGINT' }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal' });
  });

  it('gives up where it goes back to the same checkpoint again and again', () => {
    const run = cluster(atStep(1, losesAll)).run();
    for (const peer of ['c', 'd', 'e']) {
      run.post(comes(peer)).run({ until: ({ phase }) => phase.name === 'training' });
      run.silence(peer).interject(lost(peer)).run();
    }
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toContain('gone back to step 0 3 times');
  });

  it('ends where nothing was saved yet', () => {
    let linked = 0;
    const run = cluster({
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'linked' || linked++ > 0) return;
        rehearsal.silence('a').silence('b').post(lost('b'), lost('a'));
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(run.state.savedStep).toBeNull();
  });

  it('goes back, too, where a lost rank has taken its part of the optimizer along', () => {
    const run = cluster({
      settings: { allReduce: 'ring', shardOptimizer: true },
      ...atStep(1, loses('b')),
    }).run();
    expectAllTrained(run);
    expect(regroupings(run)).toEqual([{ step: 0, ranks: ['a'] }]);
  });
});

describe('a worker leaves that has no rank', () => {
  const goodbye = /^c: leaving.*\n +-> c stop/m;

  it('is told before training began that it may go', () => {
    const run = cluster({ settings: { workers: 3, minWorkers: 2 } });
    run.silence('c').post(comes('c'), leaves('c')).run();
    expect(run.transcript).toMatch(goodbye);
  });

  it('is told while it waits for a step boundary that it may go', () => {
    const run = cluster(
      atStep(0, (rehearsal) => {
        rehearsal.silence('c').interject(leaves('c')).interject(comes('c'));
        loses('b')(rehearsal);
      }),
    ).run();
    expect(run.transcript).toMatch(goodbye);
    expectAllTrained(run);
  });
});

describe('fewer are left than the run needs', () => {
  const three = { workers: 3, minWorkers: 2, epochs: 1 };
  const short = (change: Partial<Settings> = {}) =>
    new Rehearsal({
      settings: { ...three, ...change },
      ...atStep(1, (rehearsal) => {
        for (const peer of ['b', 'c']) loses(peer)(rehearsal);
      }),
    })
      .post(start)
      .join('a', 'b', 'c')
      .run();

  it('waits for another one', () => {
    const run = short();
    expect(run.state.phase.name).toBe('rejoining');
    run.post(comes('d')).run();
    expectAllTrained(run);
    expect(regroupings(run)).toEqual([{ step: 1, ranks: ['a', 'd'] }]);
  });

  it('saves and ends when nobody comes in time', () => {
    const run = short().post(tick(29_999)).run();
    expect(outcomeOf(run)).toBeNull();
    run.post(tick(30_000)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'TOO_FEW_WORKERS' });
    expect(outcomeOf(run)?.message).toContain('host-c');
    expect(run.state.savedStep).toBe(1);
  });

  it('keeps the state when the last rank goes, too', () => {
    const run = short().silence('a').post(lost('a'), comes('d'), comes('e')).run();
    expectAllTrained(run);
    expect(regroupings(run)).toEqual([{ step: 1, ranks: ['d', 'e'] }]);
  });

  it('does not wait for ever for one that was welcomed and does not become ready', () => {
    const run = short({ rejoinTimeoutMs: 200_000 }).silence('d').post(comes('d')).run();
    run.post(tick(59_999)).run();
    expect(run.state.newcomers).toHaveLength(1);
    run.post(tick(60_000)).run();
    expect(run.state.newcomers).toHaveLength(0);
    expect(run.transcript).toContain('-> d refuse {"code":"WORKER_LOST"');
    run.post(comes('e')).run();
    expectAllTrained(run);
  });

  it('stops at once when it is told to, with a checkpoint', () => {
    const run = short().post({ type: 'interrupt', signal: 'SIGINT' }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal' });
    expect(run.state.savedStep).toBe(1);
  });
});

describe('a worker comes while others train', () => {
  it('gets a rank and the weights at the next step boundary', () => {
    const run = cluster({
      settings: { workers: 3, epochs: 2 },
      ...atStep(1, (rehearsal) => void rehearsal.interject(comes('c'))),
    });
    // Two of three are enough once the time to join is over.
    run.run().post(tick(10_000)).run();
    expectAllTrained(run, 2);
    const [change] = regroupings(run);
    expect(change?.ranks.toSorted()).toEqual(['a', 'b', 'c']);
    expect(run.transcript).toMatch(/-> c load-state .* with all of state/);
  });

  it('is refused where there is no room, and may ask again', () => {
    const run = cluster(atStep(1, (rehearsal) => void rehearsal.interject(comes('c')))).run();
    expect(run.transcript).toMatch(/-> c refuse {"code":"CLUSTER_FULL".*"mayPass":true/);
    expectAllTrained(run);
  });

  it('is told when the run is over before it could begin', () => {
    const run = cluster({
      settings: { workers: 3 },
      ...atStep(1, (rehearsal) => void rehearsal.silence('c').interject(comes('c'))),
    });
    run.run().post(tick(10_000)).run();
    expectAllTrained(run);
    expect(run.transcript).toContain('-> c stop');
  });
});

it.each([
  ['leaves', leaves('a')],
  ['cannot go on', fails('a')],
])('a rank %s that has not heard yet of the membership that has begun', (_what, says) => {
  const run = cluster({
    settings: { workers: 3, epochs: 2 },
    ...atStep(1, (rehearsal) => void rehearsal.interject(comes('c'))),
  });
  run
    .run()
    .post(tick(10_000))
    .run({ until: ({ generation }) => generation === 2 });
  run.interject(says).run();
  expect(regroupings(run).at(-1)?.ranks.toSorted()).toEqual(['b', 'c']);
});

it('a rank that leaves finishes its step, and takes nothing along', () => {
  const run = cluster(atStep(0, (rehearsal) => void rehearsal.interject(leaves('a')))).run();
  expectAllTrained(run);
  expect(regroupings(run)).toEqual([{ step: 1, ranks: ['b'] }]);
  expect(run.transcript).toContain('-> a stop {"code":null');
  expect(run.transcript).not.toContain('halt');
});

describe('workers of this machine', () => {
  const exits = (slot: number): Event => ({
    type: 'worker-exited',
    slot,
    code: null,
    reason: 'its process ended with signal SIGKILL',
  });

  const starts = ({ transcript }: Rehearsal): number =>
    transcript.split('start-worker {').length - 1;

  it('are started again, the first one at once and each one after it later', () => {
    const run = cluster({
      settings: { minWorkers: 2, maxRestarts: 2 },
      ...atStep(1, (rehearsal) => void rehearsal.silence('b').interject(exits(1))),
    }).run();
    expect(run.state.phase.name).toBe('rejoining');
    run.silence('own').post(tick(100)).run();
    expect(starts(run)).toBe(1);
    run.post(exits(1), tick(1_099)).run();
    expect(starts(run)).toBe(1);
    run.post(tick(1_100)).run();
    expect(starts(run)).toBe(2);
    expect(run.transcript).toContain('start-worker {"slot":1}');
    expectAllTrained(run);
    expect(regroupings(run)).toEqual([{ step: 1, ranks: ['a', 'own1'] }]);
  });

  const kills = ({ transcript }: Rehearsal): string[] => transcript.match(/kill-worker .*/g) ?? [];

  it.each<[string, Event]>([
    ['whose connection is gone', lost('b')],
    ['that is late', tick(5_000)],
    ['that broke the protocol', { ...lost('b'), code: 'PROTOCOL_VIOLATION' } as Event],
  ])('one %s is ended, wherever it hangs, and its place is free', (_what, happens) => {
    const run = cluster({
      settings: { minWorkers: 2, maxRestarts: 1 },
      ...atStep(0, (rehearsal) => void rehearsal.silence('b')),
    }).run();
    run.post(happens).run();
    expect(kills(run)).toEqual(['kill-worker {"slot":1}']);
    run.post(exits(1), tick(10_000)).run();
    expectAllTrained(run);
    expect(regroupings(run)).toMatchObject([{ ranks: ['a', 'own'] }]);
  });

  it('are left alone where none would be started again: they may come back', () => {
    const run = cluster({
      settings: { minWorkers: 1, maxRestarts: 0 },
      ...atStep(1, loses('b')),
    }).run();
    expect(kills(run)).toEqual([]);
  });

  it('are left alone where they are back already, on another connection', () => {
    const run = cluster({
      settings: { workers: 3, minWorkers: 1, maxRestarts: 1 },
      ...atStep(1, (rehearsal) => {
        rehearsal.silence('b').interject(lost('b')).interject(comes('e', 1));
      }),
    });
    run.run().post(tick(10_000)).run();
    expect(kills(run)).toEqual([]);
    expectAllTrained(run);
  });

  it.each<[string, Event]>([
    ['whose connection is gone', lost('e')],
    ['that does not become ready', tick(70_000)],
  ])('one %s before it has a rank is ended, too', (_what, happens) => {
    const run = cluster({
      settings: { workers: 3, maxRestarts: 1 },
      ...atStep(0, (rehearsal) => void rehearsal.silence('a').silence('b').silence('e')),
    });
    run.run().post(tick(10_000)).run().post(comes('e', 2), happens).run();
    expect(kills(run)).toContain('kill-worker {"slot":2}');
  });

  it('are started again before training begins, too', () => {
    const run = new Rehearsal({ settings: { maxRestarts: 1 } }).post(start).join('a').run();
    run.post(exits(1), tick(1_000)).run();
    expectAllTrained(run);
  });

  it('are given up after that', () => {
    const run = new Rehearsal({ settings: { maxRestarts: 1 } }).post(start).join('a').run();
    run.post(exits(1), exits(1)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
  });
});

it('trains every sample once and ends, whoever is lost or comes whenever', () => {
  const happening = fc.record({
    at: fc.nat({ max: 120 }),
    peer: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    what: fc.constantFrom('lost', 'comes', 'leaves'),
  });
  const allReduce = fc.constantFrom('star' as const, 'ring' as const, 'auto' as const);
  fc.assert(
    fc.property(allReduce, fc.array(happening, { maxLength: 6 }), (algorithm, happenings) => {
      const gone = new Set<string>();
      let count = 0;
      const run = new Rehearsal({
        settings: {
          workers: 3,
          minWorkers: 1,
          epochs: 3,
          validation: 'test',
          allReduce: algorithm,
        },
        before: (rehearsal) => {
          count += 1;
          for (const { at, peer, what } of happenings) {
            if (at !== count || gone.has(peer)) continue;
            if (what === 'comes') rehearsal.interject(comes(peer));
            else if (what === 'leaves') rehearsal.interject(leaves(peer));
            else {
              gone.add(peer);
              loses(peer)(rehearsal);
            }
          }
        },
      })
        .post(start)
        .join('a', 'b', 'c')
        .run();
      for (let now = 10_000; outcomeOf(run) === null && now < 200_000; now += 10_000) {
        run.post(tick(now)).run();
      }
      const { held, remembered } = run.state;
      expect([...run.tensors].filter((id) => id !== held && id !== remembered)).toEqual([]);
      const outcome = outcomeOf(run);
      if (outcome?.stoppedBy === 'epochs') expectAllTrained(run, 3);
      else expect(outcome?.code).toMatch(/^(WORKER_LOST|TOO_FEW_WORKERS|NO_WORKERS)$/);
    }),
    { numRuns: 300 },
  );
});
