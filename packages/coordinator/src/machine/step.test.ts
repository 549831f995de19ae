import type { Verdict } from '@lockstep/core/callbacks';
import type { RankTimes } from '@lockstep/core/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from './events.js';
import {
  atStep,
  outcomeOf,
  pair,
  Rehearsal,
  type Rehearsed,
  settings,
  sha,
  start,
  tick,
} from './rehearsal.suite.js';
import type { Settings } from './state.js';

/** Puts an event in when the run has come to a step. */
const eventAtStep = (at: number, event: Event): Pick<Rehearsed, 'before'> =>
  atStep(at, (rehearsal) => void rehearsal.interject(event));

describe('transcripts', () => {
  const trace = (name: string, rehearsal: Rehearsal) =>
    expect(rehearsal.transcript).toMatchFileSnapshot(`traces/${name}.txt`);

  it('two workers train an epoch, validate and test', async () => {
    const run = pair({ settings: { validation: 'test' } }).run();
    await trace('an-epoch', run);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('a worker is lost in the middle of a step', async () => {
    const lost: Event = {
      type: 'lost',
      peer: 'b',
      code: 'WORKER_LOST',
      reason: 'its connection is gone',
    };
    const run = pair(eventAtStep(1, lost)).run();
    await trace('lost-worker', run);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toContain('rank 1 (host host-b, pid 1), last step 0');
  });

  it('Ctrl-C in the middle of an epoch', async () => {
    const run = pair(eventAtStep(0, { type: 'interrupt', signal: 'SIGINT' })).run();
    await trace('interrupt', run);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal', signal: 'SIGINT' });
    expect(run.state.savedStep).toBe(1);
  });

  it('nobody joins: training alone', async () => {
    const run = new Rehearsal().post(start, tick(10_000)).run();
    await trace('alone', run);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('early stop puts the best weights back', async () => {
    const run = pair({
      settings: { epochs: 3 },
      // As EarlyStopping does it: it says at the end of training that it wants them back.
      verdicts: (hook, count) => {
        if (hook === 'train-end') return { restoreWeights: true };
        if (hook !== 'epoch-end') return {};
        return count < 3 ? { rememberWeights: true } : { stop: { message: 'no better' } };
      },
    }).run();
    await trace('early-stop', run);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'early-stop', message: 'no better' });
    expect(run.transcript).toMatch(/-> b load-state .* with weights of/);
  });
});

describe('a number of steps', () => {
  const epochs = (run: Rehearsal) =>
    run.news.flatMap((news) => (news.news === 'epoch' ? [news] : []));
  const asked = (steps: number, more: Rehearsed = {}): Rehearsed => ({
    ...more,
    settings: { steps, epochs: 9, validation: 'test' },
  });

  it('ends in the middle of an epoch, which is closed with what there is of it', () => {
    const run = pair(asked(3)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs', message: 'Trained all 3 steps.' });
    expect(run.state.cursor).toEqual({ epoch: 1, step: 3, position: 4 });
    expect(epochs(run).map(({ record, steps }) => [record.epoch, steps])).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(epochs(run)[1]!.record.logs).toHaveProperty('val_loss');
    // So that a run which is given more steps closes the epoch once.
    expect(run.state.history).toHaveLength(1);
    expect(run.state.savedStep).toBe(3);
  });

  it('ends with an epoch, in which it fits', () => {
    const run = pair(asked(4)).run();
    expect(outcomeOf(run)?.message).toBe('Trained all 4 steps.');
    expect(run.state.cursor).toEqual({ epoch: 2, step: 4, position: 0 });
    expect(run.state.history).toHaveLength(2);
  });

  it.each([
    [3, 1],
    [4, 0],
  ])('leaves nothing to train of a run that had all %i, but to close its epoch', (steps, open) => {
    const { cursor, history, epochSums } = pair(asked(steps)).run().state;
    const resumed = {
      held: 'h',
      skipped: 0,
      remembered: null,
      cursor,
      learningRate: 0.1,
      epochSums,
      history,
      finished: 'epochs',
      collective: null,
    } as const;
    const again = pair(asked(steps, { resumed })).run();
    expect(outcomeOf(again)?.message).toBe(`Trained all ${steps} steps.`);
    expect(again.transcript).not.toContain('-> a train');
    expect(epochs(again)).toHaveLength(open);
    const more = pair(asked(6, { resumed: { ...resumed, finished: null } })).run();
    expect(more.state.cursor).toEqual({ epoch: 3, step: 6, position: 0 });
    expect(more.state.history).toHaveLength(3);
  });

  it('ends early where a callback says so', () => {
    const verdicts = (hook: string): Verdict =>
      hook === 'epoch-end' ? { stop: { message: 'enough' } } : {};
    expect(outcomeOf(pair(asked(5, { verdicts })).run())).toMatchObject({
      stoppedBy: 'early-stop',
      message: 'enough',
    });
  });
});

describe('validation', () => {
  it('looks at the samples that were split off, and tests on the others', () => {
    const dataset = { ...settings.dataset, validationSize: 5 };
    const run = pair({ settings: { dataset, validation: 'split', epochs: 2 } }).run();
    const asked = run.lines.filter((line) => line.includes('-> a evaluate'));
    expect(asked.map((line) => /"split":"(\w+)"/.exec(line)?.[1])).toEqual([
      'validation',
      'validation',
      'test',
    ]);
    const { validation, test } = run.state.evaluations;
    expect(validation?.sums.loss?.count).toBe(5);
    expect(test?.sums.loss?.count).toBe(3);
    expect(run.state.history[1]!.logs).toHaveProperty('val_loss');
  });

  it('is not done twice on the test split', () => {
    const run = pair({ settings: { validation: 'test' } }).run();
    expect(run.lines.filter((line) => line.includes('-> a evaluate'))).toHaveLength(1);
  });

  it('counts no piece twice, however often a rank says what it came to', () => {
    const dataset = { ...settings.dataset, testSize: 3_000 };
    const again = new Set<Event>();
    const run = pair({
      settings: { dataset },
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'evaluated') return;
        if (again.has(event)) return;
        // Each piece comes to something else.
        Object.assign(event.header.metrics.loss!, { sum: 10 ** (again.size / 2) });
        const twice = { ...event };
        again.add(event).add(twice);
        rehearsal.interject(twice);
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.evaluations.test?.sums.loss).toEqual({ sum: 111_111, count: 3_000 });
    const ranges = run.transcript.match(/-> [ab] evaluate .*"range":(.*)}/g)!;
    expect(new Set(ranges).size).toBe(ranges.length);
  });
});

describe('the log of training batches', () => {
  it('tells what all ranks measured before every so many steps', () => {
    const run = pair({ settings: { logEvery: 3, epochs: 2 }, loss: (step) => step + 1 }).run();
    const logged = run.news.flatMap((news) => (news.news === 'logged' ? [news] : []));
    // Twice the loss of training, so that it is no other.
    expect(logged).toEqual([
      { news: 'logged', step: 0, logs: { loss: 2 } },
      { news: 'logged', step: 3, logs: { loss: 8 } },
    ]);
  });

  it('belongs to the steps that it was asked for', () => {
    const run = pair({
      settings: { logEvery: 1 },
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        if (rehearsal.state.cursor.step === 1) Reflect.deleteProperty(event.header, 'logged');
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(outcomeOf(run)?.message).toContain('did not log step 1');
  });
});

describe('deadlines', () => {
  const silentAt = (kind: string): Rehearsal => {
    const rehearsal: Rehearsal = pair({
      settings: { validation: 'test' },
      before: (run) => {
        const waitsFor = { training: 'step', evaluating: 'test', comparing: 'hash' } as const;
        const { phase } = run.state;
        if (phase.name in waitsFor && waitsFor[phase.name as 'training'] === kind) run.silence('b');
      },
    }).run();
    return rehearsal;
  };

  it.each(['step', 'test', 'hash'])('names whom it waited for: %s', (kind) => {
    const run = silentAt(kind);
    expect(outcomeOf(run)).toBeNull();
    run.post(tick(4_999)).run();
    expect(outcomeOf(run)).toBeNull();
    run.post(tick(5_000)).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'WORKER_LOST' });
    expect(outcomeOf(run)?.message).toMatch(/rank 1 \(host host-b.* within 5 s/);
  });

  it('ends also when the one that should give its weights is lost, too', () => {
    const run = pair({
      before: (rehearsal) => {
        if (rehearsal.state.phase.name === 'training' && rehearsal.state.cursor.step === 1) {
          rehearsal.silence('a').silence('b');
        }
      },
    }).run();
    run.post(tick(5_000)).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
  });
});

describe('ranks', () => {
  it.each<[string, Partial<Settings>, (readonly [step: number, until: number])[]]>([
    [
      'a checkpoint within an epoch',
      { checkpointSteps: 3 },
      [
        [0, 3],
        [3, 6],
        [6, 7],
        [7, 9],
        [9, 12],
        [12, 14],
      ],
    ],
    [
      'the last step of all',
      { steps: 9 },
      [
        [0, 7],
        [7, 9],
      ],
    ],
    [
      'whichever comes first',
      { checkpointSteps: 5, steps: 6 },
      [
        [0, 5],
        [5, 6],
      ],
    ],
  ])('are told where they stop by themselves: %s', (_what, given, expected) => {
    const run = pair({ settings: { batchSize: 1, epochs: 2, ...given } }).run();
    const orders = [...run.transcript.matchAll(/-> a train .*"step":(\d+).*"until":(\d+)/g)];
    expect(orders.map((order) => order.slice(1).map(Number))).toEqual(expected);
  });
});

describe('step callbacks', () => {
  const atStepEnd = (step: number, verdict: Verdict): Rehearsed => ({
    settings: { epochs: 2 },
    verdicts: (hook, count) => (hook === 'step' && count === step ? verdict : {}),
  });

  it.each([
    ['within an epoch', 0],
    ['at its last step', 1],
  ])('may stop the run %s; resumed, nothing is left to train', (_where, at) => {
    const run = pair(atStepEnd(at, { stop: { message: 'enough' } })).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'early-stop', message: 'enough' });
    expect(run.state.cursor.step).toBe(at + 1);
    expect(run.transcript).toMatch(/save .*"finished":"early-stop"/);
  });

  it('may change the learning rate of the next step', () => {
    const run = pair(atStepEnd(0, { learningRate: 0.05 })).run();
    expect(run.transcript).toContain(
      '-> a train {"epoch":0,"step":1,"position":4,"learningRate":0.05,',
    );
    expect(run.trained.get(0)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('may keep the best at the last step of an epoch', () => {
    const run = pair(atStepEnd(1, { save: 'best' })).run();
    expect(run.transcript).toMatch(/save \{"best":true/);
  });
});

describe('a scaled learning rate', () => {
  const scaled = { scaleLearningRate: true, warmUpEpochs: 2, epochs: 2 };

  it('is told to the ranks with its warm-up, and to people as it is', () => {
    const run = pair({ settings: scaled }).run();
    // Two ranks, two epochs of two steps: half of the way after the first of them.
    expect(run.transcript).toContain('"learningRate":0.1,"scaling":{"factor":2,"warmUpSteps":4},');
    const told = [...run.transcript.matchAll(/"news":"training".*"learningRate":([\d.]+)/g)];
    expect(told.map(([, rate]) => Number(rate))).toEqual([0.1, 0.15000000000000002]);
    expect(run.state.learningRate).toBe(0.1);
  });

  it('is scaled from what callbacks make of it', () => {
    const verdicts = (hook: string) => (hook === 'epoch-end' ? { learningRate: 0.05 } : {});
    const run = pair({ settings: { ...scaled, warmUpEpochs: 0 }, verdicts }).run();
    const told = [...run.transcript.matchAll(/"news":"training".*"learningRate":([\d.]+)/g)];
    expect(told.map(([, rate]) => Number(rate))).toEqual([0.2, 0.1]);
  });
});

describe('what must not go on', () => {
  it('a loss that is NaN: its step is not applied', () => {
    const run = pair({
      verdicts: (hook, count) =>
        hook === 'step' && count === 1 ? { fail: { message: 'NaN' } } : {},
    }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'DIVERGED' });
    expect(run.state.cursor.step).toBe(1);
  });

  it('ranks with different weights', () => {
    const run = pair({
      before: (_rehearsal, event) => {
        if (event.type === 'message' && event.header.kind === 'hash' && event.peer === 'b') {
          Object.assign(event.header, { weightsSha256: sha('f') });
        }
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'RANKS_DIFFER' });
    expect(outcomeOf(run)?.message).toContain('rank 1 (host host-b, pid 1): ffff');
  });

  it.each([
    ['step', { step: 7 }],
    ['samples', { samples: 3 }],
  ])('a contribution with a wrong %s', (_what, change) => {
    const run = pair({
      before: (_rehearsal, event) => {
        if (
          event.type === 'message' &&
          event.header.kind === 'contribution' &&
          event.peer === 'b'
        ) {
          Object.assign(event.header, change);
        }
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('a gradient of another length', () => {
    const run = pair({
      before: (_rehearsal, event) => {
        if (event.type === 'message' && event.header.kind === 'contribution' && event.tensors) {
          Object.assign(event.tensors, { lengths: { gradient: 11 } });
        }
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('a message of another run or generation is not believed', () => {
    const run = pair({ before: () => undefined });
    run.post({
      type: 'message',
      peer: 'a',
      header: { kind: 'failed', run: 'r0', generation: 1, code: 'INTERNAL', message: 'old' },
      tensors: null,
    });
    run.run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });
});

it('passes on how long the step before took, by rank', () => {
  const times: RankTimes = [9, 1, 2, 3, 4, 5, 0];
  const run = pair({
    before: (_rehearsal, event) => {
      if (event.type !== 'message' || event.header.kind !== 'contribution') return;
      if (event.peer === 'b') Object.assign(event.header, { times });
    },
  });
  const told = run.run().news.flatMap((news) => (news.news === 'step' ? [news.times] : []));
  const known = { begin: 9, load: 1, compute: 2, wait: 0, reduce: 3, barrier: 4, apply: 5 };
  expect(told).toEqual([
    [null, known],
    [null, known],
  ]);
});

describe('resuming', () => {
  const resumed = {
    held: 'c0',
    skipped: 0,
    remembered: null,
    learningRate: 0.05,
    epochSums: { loss: { sum: 4, count: 4 }, accuracy: { sum: 4, count: 4 } },
    history: [],
    finished: null,
    collective: null,
  };

  it('goes on in the middle of an epoch', () => {
    const cursor = { epoch: 0, step: 1, position: 4 };
    const run = pair({ resumed: { ...resumed, cursor } }).run();
    expect(run.transcript).toContain('train {"epoch":0,"step":1,"position":4,"learningRate":0.05,');
    expect(run.trained.get(0)).toEqual([4, 5, 6]);
    expect(run.state.history[0]?.logs.loss).toBe(1);
  });

  it('closes an epoch whose last step was saved when a worker was lost', () => {
    const cursor = { epoch: 0, step: 2, position: 7 };
    const run = pair({ resumed: { ...resumed, cursor }, settings: { epochs: 2 } }).run();
    expect(run.transcript).not.toContain('train {"epoch":0');
    expect(run.state.history.map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('has nothing to train where the run had ended', () => {
    const cursor = { epoch: 1, step: 2, position: 0 };
    const run = pair({ resumed: { ...resumed, cursor, finished: 'early-stop' } }).run();
    expect(run.transcript).not.toContain('-> a train');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'early-stop' });
  });
});

describe('always', () => {
  it('each sample once an epoch, an outcome at the end, whatever is interrupted', () => {
    fc.assert(
      fc.property(
        fc.record({
          trainSize: fc.integer({ min: 1, max: 60 }),
          testSize: fc.integer({ min: 0, max: 9 }),
          batchSize: fc.integer({ min: 1, max: 20 }),
          workers: fc.integer({ min: 1, max: 5 }),
          epochs: fc.integer({ min: 1, max: 3 }),
          checkpointSteps: fc.option(fc.integer({ min: 1, max: 5 })),
          interruptAt: fc.option(fc.nat({ max: 30 })),
          loseAt: fc.option(fc.nat({ max: 30 })),
          diskDelay: fc.nat({ max: 12 }),
        }),
        (world) => {
          const { trainSize, testSize, interruptAt, loseAt, diskDelay, ...rest } = world;
          let events = 0;
          const dataset = { ...settings.dataset, trainSize, testSize };
          const peers = Array.from({ length: world.workers }, (_, i) => `w${i}`);
          let interrupted = false;
          let lost = false;
          const run = new Rehearsal({
            settings: { ...rest, dataset, validation: testSize > 0 ? 'test' : 'none' },
            slowDisk: true,
            before: (rehearsal) => {
              const { cursor, phase } = rehearsal.state;
              events += 1;
              if (events % (diskDelay + 1) === 0) rehearsal.written();
              if (phase.name !== 'training') return;
              if (!interrupted && cursor.step === interruptAt) {
                interrupted = true;
                rehearsal.post({ type: 'interrupt', signal: 'SIGTERM' });
              }
              if (!lost && cursor.step === loseAt) {
                lost = true;
                const peer = peers.at(-1)!;
                rehearsal
                  .silence(peer)
                  .post({ type: 'lost', peer, code: 'WORKER_LOST', reason: '' });
              }
            },
          })
            .post(start)
            .join(...peers)
            .run();
          while (run.state.phase.name === 'saving') run.written().run();
          expect(run.outcomes).toHaveLength(1);
          expect(run.state.saving).toBeNull();
          const { epoch, position } = run.state.cursor;
          for (const [done, positions] of run.trained) {
            const expected = done < epoch ? trainSize : position;
            expect(positions).toEqual(Array.from({ length: expected }, (_, i) => i));
          }
          if (!interrupted && !lost) expect(epoch).toBe(world.epochs);
        },
      ),
      { numRuns: 300 },
    );
  });
});
