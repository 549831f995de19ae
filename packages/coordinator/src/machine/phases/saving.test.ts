import { describe, expect, it } from 'vitest';
import type { Event } from '../events.js';
import {
  atStep,
  lost,
  outcomeOf,
  pair,
  type Rehearsal,
  type Rehearsed,
  tick,
} from '../rehearsal.suite.js';

/** Saves of a run: of which step each is, and what was at which step when it was on the disk. */
const savesOf = ({ transcript }: Rehearsal) =>
  [...transcript.matchAll(/save .*?"step":(\d+)/g)].map(([, step]) => Number(step));
const savedNews = ({ news }: Rehearsal) =>
  news.flatMap((told) => (told.news === 'saved' ? [told.step] : []));

const full: Event = {
  type: 'save-failed',
  code: 'RUN_DIRECTORY',
  message: 'cannot write x: ENOSPC: no space left on device',
  hint: 'Free some space on this disk, or choose another run directory.',
};

/** Nine samples in steps of three: three steps an epoch. */
const threeSteps = { batchSize: 3, checkpointSteps: 1 } as const;

describe('a checkpoint on its way to the disk', () => {
  it('does not hold up training, and is of the step at which it was taken', () => {
    const run = pair({
      slowDisk: true,
      ...atStep(1, (rehearsal) => rehearsal.written()),
    }).run();
    // The one of step 0 was under way until step 1; the one of the end is not written yet.
    expect(savesOf(run)).toEqual([0, 2]);
    expect(savedNews(run)).toEqual([0]);
    expect(run.state).toMatchObject({ savedStep: 0, saving: { step: 2 }, cursor: { step: 2 } });
  });

  it('holds up the next one: one is written at a time, in their order', () => {
    const run = pair({ slowDisk: true, settings: threeSteps }).run();
    expect(savesOf(run)).toEqual([0]);
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, cursor: { step: 1 } });
    for (const step of [1, 2]) {
      run.written().run();
      expect(run.state.saving).toMatchObject({ step });
    }
    expect(savedNews(run)).toEqual([0, 1]);
    expect(outcomeOf(run.written().run().written().run())).toMatchObject({ stoppedBy: 'epochs' });
    expect(savesOf(run)).toEqual([0, 1, 2, 3]);
    expect(savedNews(run)).toEqual([0, 1, 2, 3]);
  });

  it('is waited for by the end of the run, with the workers', () => {
    const run = pair({ slowDisk: true }).run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 0 } });
    run.written().run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 2 } });
    expect(run.transcript).not.toContain('-> a stop');
    expect(outcomeOf(run.written().run())).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.savedStep).toBe(2);
  });

  it('is not saved once more when the user stops the run at its step', () => {
    const run = pair({
      slowDisk: true,
      settings: threeSteps,
      ...atStep(0, (rehearsal) => {
        rehearsal.written().interject({ type: 'interrupt', signal: 'SIGINT' });
      }),
    }).run();
    expect(savesOf(run)).toEqual([0, 1]);
    expect(outcomeOf(run)).toBeNull();
    expect(outcomeOf(run.written().run())).toMatchObject({ stoppedBy: 'signal' });
  });

  it('ends the run when it fails, whatever the run is at by then', () => {
    const run = pair({
      slowDisk: true,
      ...atStep(1, (rehearsal) => rehearsal.written(full)),
    }).run();
    expect(outcomeOf(run)).toMatchObject({
      stoppedBy: 'error',
      code: 'RUN_DIRECTORY',
      ...{ hint: full.hint },
    });
    expect(run.state.savedStep).toBeNull();
    expect(run.transcript).toContain('-> a stop');
  });

  it('ends a run that waits for it, too', () => {
    const run = pair({ slowDisk: true }).run();
    expect(outcomeOf(run.written(full).run())).toMatchObject({ code: 'RUN_DIRECTORY' });
  });

  it('does not hide why the run fails', () => {
    const run = pair({
      slowDisk: true,
      ...atStep(1, (rehearsal) => void rehearsal.interject(lost('b'))),
    }).run();
    // The state of the rank that is left waits for the disk.
    expect(run.state).toMatchObject({
      phase: { name: 'saving' },
      failing: { code: 'WORKER_LOST' },
    });
    expect(outcomeOf(run.written(full).run())).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.transcript).toContain('"news":"warning","message":"cannot write x');
  });

  it('has a deadline', () => {
    const late = pair({ slowDisk: true }).run().post(tick(60_000)).run();
    expect(outcomeOf(late)).toMatchObject({
      code: 'RUN_DIRECTORY',
      message: 'The disk did not take the checkpoint of step 0 within 60 s',
    });
  });

  it('is waited for where all ranks are lost: it is what the run goes back to', () => {
    const run = pair({
      slowDisk: true,
      settings: { maxRestarts: 2 },
      ...atStep(1, (rehearsal) => {
        rehearsal.silence('a').silence('b').interject(lost('b')).interject(lost('a'));
      }),
    }).run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 0 } });
    run.written().run();
    expect(run.news).toContainEqual(
      expect.objectContaining({ news: 'reloaded', cursor: { epoch: 0, step: 0, position: 0 } }),
    );
  });

  it('is what the run goes back to from what is no number, at a lower rate', () => {
    const run = pair({
      slowDisk: true,
      settings: { onNaN: 'rollback' },
      finite: (step) => step !== 1,
    }).run();
    expect(run.state).toMatchObject({ phase: { name: 'saving' }, saving: { step: 0 } });
    run.written().run();
    expect(run.transcript).toContain('reload {"learningRateFactor":0.5}');
  });

  it('lets go of every tensor', () => {
    const run = pair({ slowDisk: true, settings: { ...threeSteps, epochs: 2 } }).run();
    while (outcomeOf(run) === null) run.written().run();
    expect(run.tensors.size).toBeLessThanOrEqual(1);
  });
});

describe('a checkpoint by the clock', () => {
  /** Each step takes a second. */
  const clocked = (checkpointMs: number): Rehearsed => {
    let now = 0;
    let last = -1;
    return {
      settings: { batchSize: 1, checkpointMs },
      before: (run, event) => {
        const { phase, cursor } = run.state;
        if (phase.name !== 'training' || cursor.step === last || event.type === 'tick') return;
        last = cursor.step;
        now += 1_000;
        run.interject(tick(now));
      },
    };
  };

  it('is saved at the first step boundary after so much time', () => {
    expect(savesOf(pair(clocked(3_000)).run())).toEqual([0, 3, 6, 7]);
  });

  it('is announced before the ranks go on', () => {
    const { transcript } = pair(clocked(3_000)).run();
    expect(transcript).toContain('averaged {"step":2,"proceed":false}');
    expect(transcript).toContain('averaged {"step":1,"proceed":true}');
  });
});
