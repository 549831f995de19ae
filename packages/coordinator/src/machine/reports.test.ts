import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atStep, lost, outcomeOf, Rehearsal, type Rehearsed, start } from './rehearsal.suite.js';
import { isReport, type Reporting, stopAfter } from './reports.js';
import { initialState } from './start.js';

const { dataset } = initialState(new Rehearsal().state.settings, null).settings;

/** Up to sixteen of forty steps are reported at once, after the first two. */
const fortySteps = {
  batchSize: 2,
  dataset: { ...dataset, trainSize: 80 },
  reportMs: 100,
  reportAfter: 2,
} as const;

const cluster = ({ settings, ...options }: Rehearsed = {}): Rehearsal =>
  new Rehearsal({ ...options, settings: { allReduce: 'ring', ...fortySteps, ...settings } })
    .post(start)
    .join('a', 'b');

/** Up to which steps a rank reported, in order. */
const reportsOf = ({ transcript }: Rehearsal, peer = 'a'): number[] =>
  [...transcript.matchAll(new RegExp(`^${peer}: contribution step=(\\d+)`, 'gm'))].map(([, step]) =>
    Number(step),
  );

const interrupt = { type: 'interrupt', signal: 'SIGINT' } as const;

describe('a lone rank', () => {
  const alone = (options: Rehearsed = {}): Rehearsal =>
    new Rehearsal({ ...options, settings: { workers: 1, ...fortySteps } }).post(start).join('a');

  it('reports some steps at once, each of which counts', () => {
    const run = alone().run();
    expect(reportsOf(run).slice(0, 5)).toEqual([0, 1, 17, 33, 39]);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.trained.get(0)).toEqual(Array.from({ length: 80 }, (_, i) => i));
  });

  it('stops with the report after which it is told to', () => {
    const run = alone(atStep(2, (rehearsal) => void rehearsal.interject(interrupt))).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal' });
    expect(reportsOf(run)).toEqual([0, 1, 17, 33]);
    expect(run.state).toMatchObject({ cursor: { step: 34, position: 68 }, savedStep: 34 });
  });
});

describe('ranks that add up among themselves', () => {
  it('report some steps at once, each of which counts', async () => {
    const run = cluster({ settings: { epochs: 2 } }).run();
    await expect(run.transcript).toMatchFileSnapshot('traces/reports.txt');
    expect(reportsOf(run)).toEqual([0, 1, 17, 33, 39, 55, 71, 79]);
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.history.map(({ logs }) => logs.loss)).toEqual([1, 1]);
    const steps = run.news.flatMap((each) => (each.news === 'step' ? [each.cursor.step] : []));
    expect(steps).toEqual(Array.from({ length: 80 }, (_, i) => i + 1));
  });

  it.each([
    ['where something hangs on each step', { reportMs: 0 }],
    ['where the coordinator averages', { allReduce: 'star' }],
  ] as const)('report each step %s', (_where, settings) => {
    expect(reportsOf(cluster({ settings }).run())).toHaveLength(40);
  });

  it('report no more steps at once than take so long', () => {
    let now = 0;
    const run = cluster({
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        if (event.peer !== 'a') return;
        now += 30 * (1 + (event.header.before?.length ?? 0));
        rehearsal.interject({ type: 'tick', now });
      },
    }).run();
    // Thirty milliseconds a step: three of them.
    expect(reportsOf(run).slice(0, 5)).toEqual([0, 1, 4, 7, 10]);
  });

  it('are stopped before the last step of the next report, all of them at the same one', () => {
    const run = cluster(atStep(2, (rehearsal) => void rehearsal.interject(interrupt))).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'signal' });
    expect(reportsOf(run)).toEqual([0, 1, 17, 32]);
    expect(reportsOf(run, 'b')).toEqual([0, 1, 17, 32]);
    expect(run.state).toMatchObject({ cursor: { step: 33, position: 66 }, savedStep: 33 });
  });

  it('are told how often to report again where what they were stopped for has gone', () => {
    const run = cluster({
      settings: { minWorkers: 2, workers: 3, epochs: 1 },
      ...atStep(2, (rehearsal) => void rehearsal.join('c')),
    });
    run.run().post({ type: 'tick', now: 10_000 }).run();
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.trained.get(0)).toEqual(Array.from({ length: 80 }, (_, i) => i));
  });

  it.each([
    [5, 12],
    [31, 38],
  ])('may be %d steps beyond the cursor when one is lost', (ahead, samples) => {
    const run = cluster({ ahead, ...atStep(2, (it) => void it.interject(lost('b'))) }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.state).toMatchObject({ savedStep: 2 + ahead });
    expect(run.state.cursor.position).toBe(2 * (2 + ahead));
    expect(samples).toBeGreaterThan(ahead);
  });

  it('are not believed to be further than their orders let them', () => {
    const run = cluster({ ahead: 32, ...atStep(2, (it) => void it.interject(lost('b'))) }).run();
    expect(run.transcript).toContain('holds the weights of step 34, not of step 2');
  });

  it('are out where they report other steps than they were told to', () => {
    const run = cluster({
      before: (rehearsal, event) => {
        if (event.type !== 'message' || event.header.kind !== 'contribution') return;
        const { before, ...header } = event.header;
        if (before?.length !== 15 || event.peer !== 'b') return;
        Object.assign(event, { header: { ...header, step: 16, before: before.slice(1) } });
        rehearsal.silence('b');
      },
    }).run();
    expect(outcomeOf(run)).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    expect(outcomeOf(run)?.message).toContain('reported up to step 16 against its orders');
  });
});

it('a stop falls on the end of a report, or between two', () => {
  const reporting = fc.record({
    first: fc.nat(100),
    every: fc.integer({ min: 1, max: 16 }),
    length: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(reporting, ({ first, every, length }) => {
      const order: Reporting = { first, every, until: first + length };
      for (let step = first; step < order.until; step++) {
        if (!isReport(order, step)) continue;
        const stop = stopAfter({ collective: 'ring' }, order, step + 1);
        // Whoever has heard nothing yet has not come to the end of the next report.
        for (let next = step + 1; next < stop; next++) {
          expect(isReport(order, next) && next + 1 !== order.until).toBe(false);
        }
        expect(stop).toBeLessThanOrEqual(order.until);
      }
    }),
  );
});
