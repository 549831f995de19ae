import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import { inPhase, lost, outcomeOf, Rehearsal, type Rehearsed, start } from '../rehearsal.suite.js';

/** Three ranks of which each has its part of the optimizer: the last all ten elements, the others none. */
function sharded(options: Omit<Rehearsed, 'settings'> = {}): Rehearsal {
  const settings = {
    workers: 3,
    batchSize: 3,
    allReduce: 'ring',
    shardOptimizer: true,
  } as const;
  return new Rehearsal({ ...options, settings }).post(start).join('a', 'b', 'c');
}

/** Once, when the machine is in a phase at a step. */
const once = (phase: string, step: number, event: Event): Pick<Rehearsed, 'before'> =>
  inPhase(phase, step, (run) => void run.interject(event));

/** Changes what a rank says of its state. */
const tamper = (
  peer: string,
  lengths: Record<string, number> | null,
): Pick<Rehearsed, 'before'> => ({
  before: (_run, event) => {
    if (event.type !== 'message' || event.header.kind !== 'state' || event.peer !== peer) return;
    Object.assign(event, { tensors: lengths === null ? null : { id: 'x', lengths } });
  },
});

describe('a sharded optimizer', () => {
  it('is asked of all ranks, and put together in their order with the weights of the first', () => {
    const run = sharded().run();
    expect(run.transcript).toContain('-> a send-state {"request":3,"weights":true}');
    expect(run.transcript).toContain('-> b send-state {"request":3,"weights":false}');
    expect(run.transcript).toContain('-> c send-state {"request":3,"weights":false}');
    expect(run.transcript).toContain(
      'assemble {"parts":["state0","state1","state2"],"id":"state-3"}',
    );
    expect(run.transcript).toContain('save {"best":false,"snapshot":{"held":"state-3"');
    // All ranks get all of it back, and keep what is theirs.
    expect(run.transcript).toMatch(/-> c load-state .* with all of state-3/);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('is put together in the order of the ranks, whoever is first', () => {
    let late = false;
    const run = sharded({
      before: (rehearsal, event) => {
        if (late || event.type !== 'message' || event.header.kind !== 'state') return;
        late = true;
        // The first rank's state comes last: this one is taken for an answer to another question.
        rehearsal.post({ ...event, header: { ...event.header } });
        Object.assign(event, { header: { ...event.header, request: 99 }, tensors: null });
      },
    }).run();
    expect(run.transcript).toMatch(/b: state\nc: state\na: state\n +assemble .*"state0","state1"/);
  });

  it('cannot be saved any more once a rank is lost: what is left is the last checkpoint', () => {
    const run = sharded(once('training', 2, lost('b'))).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.hint).toContain(
      'the last checkpoint is of step 0, 2 steps before; go on from it with --resume',
    );
    expect(run.state.savedStep).toBe(0);
    expect(run.transcript).toContain('-> a stop');
  });

  it('is saved all the same where it is here already', () => {
    const run = sharded(once('saving', 3, lost('b'))).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.state.savedStep).toBe(3);
  });

  it('is lost with a rank that is lost while it is asked for', () => {
    const run = sharded(once('fetching', 3, lost('c'))).run();
    expect(outcomeOf(run)?.hint).toContain('the last checkpoint is of step 0');
  });

  it('names whom it waits for', () => {
    const late = sharded(once('fetching', 0, { type: 'tick', now: 5_000 })).run();
    expect(outcomeOf(late)?.message).toMatch(/^Lost rank 1 .*; rank 2 .*: no weights within 5 s/);
  });

  it.each([
    ['weights that were not asked for', 'b', { weights: 10, 'slot:momentum': 0 }],
    ['a part of another length', 'b', { 'slot:momentum': 5 }],
    ['no weights', 'a', { 'slot:momentum': 0 }],
    ['nothing', 'a', null],
  ])('with %s is a violation', (_what, peer, lengths) => {
    const run = sharded(tamper(peer, lengths)).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    if (lengths !== null) expect(run.transcript).toContain('forget {"id":"x"}');
  });

  it('without state has nothing but the weights of the first', () => {
    const none: Rehearsed['before'] = (_run, event) => {
      if (event.type !== 'message' || event.header.kind !== 'state') return;
      const tensors = event.peer === 'a' ? { ...event.tensors, lengths: { weights: 10 } } : null;
      Object.assign(event, { tensors });
    };
    const run = sharded({ before: none }).run();
    expect(run.transcript).not.toContain('assemble');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });
});

it('a slot of another length than the gradient is a violation, also in one piece', () => {
  const run = new Rehearsal(tamper('a', { weights: 10, 'slot:momentum': 9 }))
    .post(start)
    .join('a', 'b')
    .run();
  expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  expect(outcomeOf(run)?.message).toContain('sent 9 elements of slot:momentum instead of 10');
});

it('a state that is held is saved, also where every rank is lost', () => {
  const run = new Rehearsal({
    settings: { workers: 1 },
    before: (rehearsal, event) => {
      if (event.type !== 'message' || event.header.kind !== 'hash') return;
      // In the place of its answer to the weights that it was given.
      Object.assign(event.header, { request: 0 });
      rehearsal.silence('a').interject(lost('a'));
    },
  })
    .post(start)
    .join('a')
    .run();
  expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
  expect(run.state.savedStep).toBe(0);
});
