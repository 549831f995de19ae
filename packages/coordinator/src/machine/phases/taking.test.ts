import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import { lost, outcomeOf, Rehearsal, type Rehearsed, sha, start } from '../rehearsal.suite.js';

type Message = Extract<Event, { type: 'message' }>;

/** A stage on which one rank's answer about the checkpoint of step 2 is held back until `release`. */
interface Held {
  readonly run: Rehearsal;
  release(): Rehearsal;
}

const isAnswer = (run: Rehearsal, event: Event): event is Message =>
  event.type === 'message' &&
  'request' in event.header &&
  event.header.request === run.state.saving?.taking?.request &&
  run.state.saving.step === 2;

/** One sample a step, a checkpoint every other one; the answer of `peer` comes when it is released. */
function holding(peer: string, { settings, before, ...options }: Rehearsed = {}): Held {
  const held: Message[] = [];
  let isReleased = false;
  const run = new Rehearsal({
    ...options,
    settings: { batchSize: 1, checkpointSteps: 2, ...settings },
    before: (rehearsal, event) => {
      if (isAnswer(rehearsal, event) && event.peer === peer && !isReleased) {
        held.push({ ...event, header: { ...event.header } });
        // What is handled in its place is an answer to nothing.
        Object.assign(event.header, { request: 0 });
        Object.assign(event, { tensors: null });
        return;
      }
      before?.(rehearsal, event);
    },
  })
    .post(start)
    .join(...['a', 'b', 'c'].slice(0, settings?.workers ?? 2));
  const release = () => {
    isReleased = true;
    for (const answer of held) run.interject(answer);
    return run;
  };
  return { run, release };
}

const savesOf = ({ transcript }: Rehearsal) =>
  [...transcript.matchAll(/ save .*?"step":(\d+)/g)].map(([, step]) => Number(step));
const at = (step: number) => ({ until: ({ cursor }: Rehearsal['state']) => cursor.step === step });

describe('a checkpoint within an epoch', () => {
  it('is asked for in one go with the order to train on', async () => {
    const run = new Rehearsal({ settings: { batchSize: 3, checkpointSteps: 2 } })
      .post(start)
      .join('a', 'b')
      .run();
    await expect(run.transcript).toMatchFileSnapshot('../traces/taking.txt');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it.each(['a', 'b'])('is of its step, however late %s answers', (peer) => {
    const { run, release } = holding(peer);
    run.run(at(3));
    expect(run.state).toMatchObject({ phase: { name: 'training' }, saving: { step: 2 } });
    expect(savesOf(run)).toEqual([0]);
    release();
    run.run(at(4));
    expect(savesOf(run)).toEqual([0, 2]);
    expect(run.transcript).toMatch(/save .*"cursor":{"epoch":0,"step":2,"position":2}.*"count":2/);
    expect(run.news).toContainEqual({ news: 'hash', weightsSha256: sha('e'), step: 2 });
    expect(outcomeOf(run.run())).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('holds up the next one', () => {
    const { run, release } = holding('a');
    run.run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, cursor: { step: 4 } });
    release();
    expect(outcomeOf(run.run())).toMatchObject({ stoppedBy: 'epochs' });
    expect(savesOf(run).slice(0, 3)).toEqual([0, 2, 4]);
    expect(run.tensors.size).toBeLessThanOrEqual(1);
  });

  it('is not saved where ranks differ: the next step gives the minority the weights of the others', () => {
    let isHealed = false;
    const { run, release } = holding('a', {
      settings: { workers: 3 },
      before: ({ state }, event) => {
        if (event.type !== 'message' || event.header.kind !== 'hash' || event.peer !== 'b') return;
        isHealed ||= state.cursor.step > 0 && state.phase.name === 'comparing' && state.phase.given;
        const strays = state.cursor.step > 0 && !isHealed;
        if (strays) Object.assign(event.header, { weightsSha256: sha('f') });
      },
    });
    run.run(at(3));
    release();
    run.run(at(4));
    expect(savesOf(run)).toEqual([0]);
    expect(run.state).toMatchObject({ overdue: true, saving: null });
    run.run();
    expect(run.transcript).toMatch(/After step 4 rank 1 .* held ffff/);
    expect(savesOf(run).slice(0, 2)).toEqual([0, 4]);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.tensors.size).toBeLessThanOrEqual(1);
  });

  it.each([
    ['the one that was asked for its state', 'a', 'b'],
    ['another one', 'b', 'a'],
  ])('is given up with a rank that is lost, and made up for: %s', (_which, gone, late) => {
    const { run } = holding(late, { settings: { minWorkers: 1 } });
    run.run(at(3)).silence(gone).interject(lost(gone)).run();
    expect(run.state.overdue).toBe(false);
    expect(savesOf(run).slice(0, 3)).toEqual([0, 3, 4]);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.tensors.size).toBeLessThanOrEqual(1);
  });

  it('does not count as saved where a rank is lost without which the run ends', () => {
    const { run } = holding('a');
    run
      .run({ until: ({ saving }) => saving?.step === 2 })
      .silence('b')
      .interject(lost('b'))
      .run();
    expect(savesOf(run)).toEqual([0, 2]);
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.state.savedStep).toBe(2);
  });

  it('has a deadline, with the names of those that said nothing', () => {
    const { run } = holding('b', { settings: { minWorkers: 1 } });
    run.run(at(3)).interject({ type: 'tick', now: 5_000 }).run();
    expect(run.transcript).toMatch(/Lost rank 1 \(host host-b.*: no weights of step 2 within 5 s/);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('does not keep the user from stopping the run', () => {
    const { run, release } = holding('a');
    run.run(at(3)).interject({ type: 'interrupt', signal: 'SIGINT' }).run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 2 } });
    release();
    expect(outcomeOf(run.run())).toMatchObject({ stoppedBy: 'signal' });
    expect(savesOf(run)).toEqual([0, 2, run.state.cursor.step]);
  });

  it('is what the run goes back to from what is no number, at a lower rate', () => {
    const { run, release } = holding('a', {
      settings: { onNaN: 'rollback' },
      finite: (step) => step !== 3,
    });
    run.run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 2 } });
    release();
    run.run({ until: ({ phase }) => phase.name === 'reloading' }).run(at(2));
    expect(run.transcript).toContain('reload {"learningRateFactor":0.5}');
    expect(run.state.savedStep).toBe(2);
  });

  it.each([
    ['a state of another step', { iterations: 3 }, {}],
    ['a state of other weights', {}, { tensors: { id: 'x', lengths: { weights: 9 } } }],
    ['a state without weights', {}, { tensors: null }],
  ])('takes %s for a violation', (_what, header, message) => {
    const run = new Rehearsal({
      settings: { batchSize: 1, checkpointSteps: 2 },
      before: (rehearsal, event) => {
        if (!isAnswer(rehearsal, event) || event.peer !== 'a') return;
        Object.assign(event.header, header);
        Object.assign(event, message);
      },
    })
      .post(start)
      .join('a', 'b')
      .run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});
