import { describe, expect, it } from 'vitest';
import { outcomeOf, Rehearsal, type Rehearsed, start } from '../rehearsal.suite.js';

const cluster = ({ settings, ...options }: Rehearsed): Rehearsal =>
  new Rehearsal({ ...options, settings: { batchSize: 2, ...settings } })
    .post(start)
    .join('a', 'b')
    .run();

const saved = ({ transcript }: Rehearsal): string[] =>
  transcript.split('\n').filter((line) => line.trim().startsWith('save {'));

describe('--on-nan stop', () => {
  it('ends the run at the first loss that is no number, naming the rank', () => {
    const run = cluster({ loss: (step) => (step === 1 ? Number.NaN : 1) });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'DIVERGED' });
    expect(outcomeOf(run)?.message).toContain('Step 1: Invalid loss');
    expect(outcomeOf(run)?.message).toContain('rank 0 (host host-a, pid 1)');
    expect(run.state.cursor.step).toBe(1);
  });
});

describe('--on-nan skip', () => {
  const skip = (options: Rehearsed) => cluster({ ...options, settings: { onNaN: 'skip' } });

  it('counts the step, which changes no weight, and names the rank', async () => {
    const run = skip({ finite: (step, peer) => step !== 1 || peer !== 'b' });
    await expect(run.transcript).toMatchFileSnapshot('../traces/skip.txt');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.cursor.step).toBe(4);
    const skipped = run.news.filter(({ news }) => news === 'skipped');
    expect(skipped).toEqual([
      { news: 'skipped', step: 1, by: 'rank 1 (host host-b, pid 1)', count: 1 },
    ]);
    expect(saved(run).at(-1)).toContain('"skipped":1');
  });

  it('leaves what is no number out of the metrics', () => {
    const run = skip({
      loss: (step) => (step === 1 ? Number.NaN : 1),
      finite: (step) => step !== 1,
    });
    expect(run.state.history[0]?.logs.loss).toBe(1);
  });

  it('gives up after ten in a row', () => {
    const run = cluster({
      settings: { onNaN: 'skip', batchSize: 1, epochs: 9 },
      finite: (step) => step < 2 || step === 9,
    });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'DIVERGED' });
    expect(outcomeOf(run)?.message).toContain('Step 20: NaN or infinity again');
    expect(outcomeOf(run)?.message).toContain('after 10 skipped steps');
  });
});

describe('--on-nan rollback', () => {
  it('goes back to the newest checkpoint, and on with half of the learning rate', async () => {
    let once = true;
    const run = cluster({
      settings: { onNaN: 'rollback', epochs: 2 },
      finite: (step) => {
        const isSick = once && step === 6;
        if (isSick) once = false;
        return !isSick;
      },
    });
    await expect(run.transcript).toMatchFileSnapshot('../traces/rollback.txt');
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'epochs' });
    expect(run.state.cursor.step).toBe(8);
    expect(run.state.learningRate).toBe(0.05);
    expect(run.news).toContainEqual(expect.objectContaining({ news: 'reloaded' }));
    expect(run.tensors.size).toBeLessThan(2);
  });

  it('gives up where that does not help', () => {
    const run = cluster({ settings: { onNaN: 'rollback' }, finite: (step) => step < 2 });
    expect(outcomeOf(run)).toMatchObject({ stoppedBy: 'error', code: 'DIVERGED' });
    expect(outcomeOf(run)?.message).toContain('gone back to step 0 3 times');
    expect(run.state.learningRate).toBeCloseTo(0.1 / 8);
  });
});
