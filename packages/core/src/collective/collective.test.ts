import { describe, expect, it } from 'vitest';
import { weightedAverage } from './average.js';
import { collectiveContract } from './collective.suite.js';
import { singleCollective } from './single.js';
import { starCollective } from './star.js';

collectiveContract('single', singleCollective, 1);
collectiveContract('star', starCollective, 5);

describe('weightedAverage', () => {
  it('is right across the blocks it works in', () => {
    const length = 10_000;
    const one = Float32Array.from({ length }, (_, i) => i);
    const two = Float32Array.from({ length }, (_, i) => -2 * i);
    const into = new Float32Array(length).fill(7);
    weightedAverage(
      [
        { gradient: one, samples: 3 },
        { gradient: two, samples: 1 },
      ],
      into,
    );
    expect(into).toEqual(Float32Array.from({ length }, (_, i) => 0.25 * i));
  });

  it('does not look at a rank without samples', () => {
    const into = new Float32Array(1);
    weightedAverage(
      [
        { gradient: Float32Array.of(Number.NaN), samples: 0 },
        { gradient: Float32Array.of(3), samples: 2 },
      ],
      into,
    );
    expect(into[0]).toBe(3);
  });
});

describe('starCollective', () => {
  it('refuses an average of another length', async () => {
    const star = starCollective({
      contribute: async () => ({ proceed: true, gradient: new Float32Array(2) }),
    });
    const part = { step: 1, samples: 1, metrics: {}, gradient: new Float32Array(3) };
    await expect(star.allReduce(part)).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });
});
