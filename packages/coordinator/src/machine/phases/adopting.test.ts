import type { Header } from '@lockstep/core/protocol';
import { describe, expect, it } from 'vitest';
import { lost, outcomeOf, Rehearsal, type Rehearsed, start } from '../rehearsal.suite.js';
import type { Resumed } from '../state.js';

/** Two steps into the second of two epochs of four steps. */
const checkpoint: Resumed = {
  held: 'checkpoint',
  remembered: null,
  cursor: { epoch: 1, step: 5, position: 2 },
  skipped: 0,
  learningRate: 0.1,
  epochSums: { loss: { sum: 2, count: 2 } },
  history: [{ epoch: 0, logs: { loss: 1 } }],
  finished: null,
  collective: 'star',
};

type Holds = NonNullable<Header<'ready'>['holds']>;

const held = (change: Partial<Holds> = {}): Holds => ({
  cursor: { epoch: 1, step: 7, position: 6 },
  updates: 7,
  learningRate: 0.1,
  epochSums: { loss: { sum: 6, count: 6 } },
  ...change,
});

const cluster = (
  holds: Record<string, Holds>,
  { settings, ...options }: Rehearsed = {},
): Rehearsal =>
  new Rehearsal({
    ...options,
    settings: { batchSize: 2, epochs: 2, ...settings },
    resumed: checkpoint,
    holds: (peer) => holds[peer] ?? null,
  })
    .post(start)
    .join('a', 'b');

const startedAt = ({ news }: Rehearsal): number | undefined =>
  news.flatMap((each) => (each.news === 'started' ? [each.cursor.step] : []))[0];

describe('a worker that has outlived the coordinator', () => {
  it('gives the state that is newer than the checkpoint, and the run goes on from there', async () => {
    const run = cluster({ b: held() }).run();
    await expect(run.transcript).toMatchFileSnapshot('../traces/adopting.txt');
    expect(startedAt(run)).toBe(7);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.transcript).toContain('-> b send-state');
    expect(run.transcript).not.toContain('-> a send-state {"request":2');
    expect(run.state.history.at(-1)?.logs.loss).toBe(1);
    expect([...run.tensors].filter((id) => id !== run.state.held)).toEqual([]);
  });

  it('is asked where it holds the most', () => {
    const more = held({ cursor: { epoch: 1, step: 6, position: 4 }, updates: 6 });
    const run = cluster({ a: more, b: held() }).run();
    expect(startedAt(run)).toBe(7);
  });

  it.each([
    ['no more than the checkpoint', { cursor: checkpoint.cursor }],
    ['of another epoch', { cursor: { epoch: 2, step: 8, position: 0 } }],
    ['at another learning rate', { learningRate: 0.05 }],
    ['beyond the samples', { cursor: { epoch: 1, step: 9, position: 8 } }],
  ])('holds nothing to go on with: %s', (_what, change) => {
    const run = cluster({ b: held(change) }).run();
    expect(startedAt(run)).toBe(5);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
  });

  it('may hold the last step of all, which is saved then', () => {
    const run = cluster({ b: held() }, { settings: { steps: 7 } }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs', message: 'Trained all 7 steps.' });
    expect(run.state.savedStep).toBe(7);
  });

  it('holds no whole state where the optimizer is in parts', () => {
    const run = cluster(
      { b: held() },
      { settings: { allReduce: 'ring', shardOptimizer: true } },
    ).run();
    expect(startedAt(run)).toBe(5);
  });

  it('is lost before it has given it: the run goes back to the checkpoint', () => {
    const run = cluster(
      { b: held() },
      {
        settings: { minWorkers: 1 },
        before: (rehearsal, event) => {
          if (event.type !== 'message' || event.header.kind !== 'ready' || event.peer !== 'b')
            return;
          rehearsal.silence('b').post(lost('b'));
        },
      },
    );
    expect(() => run.run()).toThrow('no checkpoint to go back to');
    expect(run.transcript).toContain('reload');
  });
});
