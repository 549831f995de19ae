import type { Contribution } from '@lockstep/core/collective';
import { describe, expect, it } from 'vitest';
import { LinkBarrier } from './barrier.js';

const part = (step: number, reports: boolean): Contribution => ({
  step,
  samples: 1,
  metrics: {},
  reports,
  gradient: null,
});
const answer = { proceed: true, gradient: null };

function stage() {
  const sent: number[][] = [];
  const barrier = new LinkBarrier((parts) => sent.push(parts.map(({ step }) => step)));
  return { sent, barrier };
}

describe('the barrier over the link', () => {
  it('sends what is noted with the first part that reports, and waits for the answer to that', async () => {
    const { sent, barrier } = stage();
    await barrier.contribute(part(4, false));
    await barrier.contribute(part(5, false));
    expect(sent).toEqual([]);
    const reported = barrier.contribute(part(6, true));
    expect(sent).toEqual([[4, 5, 6]]);
    barrier.release(6, answer);
    expect(await reported).toBe(answer);
  });

  it('sends what is left when it is flushed, and waits for that, or for what was sent before', async () => {
    const { sent, barrier } = stage();
    const reported = barrier.contribute(part(0, true));
    let isFlushed = false;
    const flushed = barrier.flush().then(() => {
      isFlushed = true;
    });
    await new Promise(setImmediate);
    expect(isFlushed).toBe(false);
    barrier.release(0, answer);
    await Promise.all([reported, flushed]);
    await barrier.contribute(part(1, false));
    const rest = barrier.flush();
    expect(sent).toEqual([[0], [1]]);
    barrier.release(1, answer);
    await rest;
    await barrier.flush();
    expect(sent).toHaveLength(2);
  });

  it('halted, it reports what was applied, and lets go of who waits', async () => {
    const { sent, barrier } = stage();
    const reported = barrier.contribute(part(0, true));
    await barrier.contribute(part(1, false));
    barrier.halt();
    barrier.halt();
    expect(sent).toEqual([[0], [1]]);
    await expect(reported).rejects.toMatchObject({ name: 'Halted' });
    await expect(barrier.contribute(part(2, false))).rejects.toMatchObject({ name: 'Halted' });
    barrier.release(0, answer);
  });

  it('does not take the answer to another step for its own', async () => {
    const { barrier } = stage();
    const reported = barrier.contribute(part(3, true));
    expect(() => barrier.release(2, answer)).toThrow(
      'the coordinator averaged step 2, this rank is in step 3',
    );
    barrier.release(3, answer);
    await reported;
    expect(() => barrier.release(3, answer)).toThrow('this rank is in step none');
  });
});
