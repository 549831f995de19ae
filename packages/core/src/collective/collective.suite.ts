import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WeightedGradient, weightedAverage } from './average.js';
import type { Barrier, Collective } from './collective.js';

/**
 * What every collective keeps, on any number of ranks: the sample-weighted mean, the same bits on each rank
 * and in each run, whatever the order of arrival.
 *
 * @param maxRanks largest world that the implementation is for
 */
export function collectiveContract(
  name: string,
  make: (barrier: Barrier) => Collective,
  maxRanks: number,
): void {
  const world = fc
    .record({
      ranks: fc.integer({ min: 1, max: maxRanks }),
      length: fc.integer({ min: 0, max: 40 }),
    })
    .chain(({ ranks, length }) =>
      fc.record({
        parts: fc.array(
          fc.record({
            samples: fc.integer({ min: 0, max: 64 }),
            values: fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), {
              minLength: length,
              maxLength: length,
            }),
          }),
          { minLength: ranks, maxLength: ranks },
        ),
        order: fc.shuffledSubarray(
          Array.from({ length: ranks }, (_, rank) => rank),
          { minLength: ranks, maxLength: ranks },
        ),
      }),
    )
    .filter(({ parts }) => parts.some(({ samples }) => samples > 0));

  describe(name, () => {
    it('gives every rank the weighted mean, whatever the order of arrival', async () => {
      await fc.assert(
        fc.asyncProperty(world, async ({ parts, order }) => {
          const gradients = parts.map(({ values }) => Float32Array.from(values));
          const samples = parts.map((part) => part.samples);
          const averages = await run(make, gradients, samples, order);
          const total = samples.reduce((sum, n) => sum + n, 0);
          gradients[0]!.forEach((_value, i) => {
            const mean =
              gradients.reduce((sum, g, rank) => sum + g[i]! * samples[rank]!, 0) / total;
            for (const average of averages) expect(average[i]).toBeCloseTo(mean, 3);
          });
          for (const average of averages) expect(average).toEqual(averages[0]);
          const arrivedInRankOrder = await run(make, gradients, samples, [...order].sort());
          expect(averages[0]).toEqual(arrivedInRankOrder[0]);
        }),
      );
    });
  });
}

/** All ranks in one process: the hub of the coordinator, without the wire. */
async function run(
  make: (barrier: Barrier) => Collective,
  gradients: Float32Array[],
  samples: number[],
  order: number[],
): Promise<Float32Array[]> {
  const arrived = new Map<number, WeightedGradient>();
  const release: ((average: Float32Array | null) => void)[] = [];
  const barrierOf = (rank: number): Barrier => ({
    contribute: ({ gradient, samples: weight }) =>
      new Promise((resolve) => {
        if (gradient) arrived.set(rank, { gradient, samples: weight });
        release.push((average) => resolve({ proceed: true, gradient: average }));
        if (release.length < gradients.length) return;
        const parts = gradients.flatMap((_g, r) => arrived.get(r) ?? []);
        const into = parts.length > 0 ? new Float32Array(gradients[0]!.length) : null;
        if (into) weightedAverage(parts, into);
        for (const done of release) done(into);
      }),
  });
  const results: Promise<Float32Array>[] = [];
  for (const rank of order) {
    results[rank] = make(barrierOf(rank))
      .allReduce({ step: 0, samples: samples[rank]!, metrics: {}, gradient: gradients[rank]! })
      .then(({ gradient }) => gradient);
  }
  return Promise.all(results);
}
