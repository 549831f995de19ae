import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WeightedGradient, weightedAverage } from './average.js';
import type { Barrier, Collective } from './collective.js';

/** Makes the collectives of a world, in rank order, for gradients of `length` elements. */
type MakeWorld = (barriers: readonly Barrier[], length: number) => Collective[];

/** How a run goes about what the result must not depend on. */
interface Manner {
  /** Ranks in the order in which they come. */
  readonly order: readonly number[];
  /** Whether gradients are put where the collective would have them, or anywhere. */
  readonly inPlace: boolean;
}

/**
 * What every collective keeps, on any number of ranks: the sample-weighted mean, the same bits on each rank
 * and in each run, whatever the order of arrival and wherever the gradients lie.
 *
 * @param maxRanks largest world that the implementation is for
 */
export function collectiveContract(name: string, makeWorld: MakeWorld, maxRanks: number): void {
  const world = fc
    .record({
      ranks: fc.integer({ min: 1, max: maxRanks }),
      length: fc.integer({ min: 0, max: 40 }),
    })
    .chain(({ ranks, length }) => {
      const gradient = fc.array(fc.float({ noNaN: true, min: -100, max: 100 }), {
        minLength: length,
        maxLength: length,
      });
      const part = fc.record({ samples: fc.integer({ min: 0, max: 64 }), values: gradient });
      return fc.record({
        steps: fc.array(
          fc
            .array(part, { minLength: ranks, maxLength: ranks })
            .filter((parts) => parts.some(({ samples }) => samples > 0)),
          { minLength: 1, maxLength: 3 },
        ),
        order: fc.shuffledSubarray(
          Array.from({ length: ranks }, (_, rank) => rank),
          { minLength: ranks, maxLength: ranks },
        ),
        inPlace: fc.boolean(),
      });
    });

  describe(name, () => {
    it('gives every rank the weighted mean, whatever the order of arrival', async () => {
      await fc.assert(
        fc.asyncProperty(world, async ({ steps, order, inPlace }) => {
          const averages = await run(makeWorld, steps, { order, inPlace });
          for (const [step, parts] of steps.entries()) {
            const total = parts.reduce((sum, { samples }) => sum + samples, 0);
            parts[0]!.values.forEach((_value, i) => {
              const mean = parts.reduce((sum, part) => sum + part.values[i]! * part.samples, 0);
              expect(averages[step]![0]![i]).toBeCloseTo(mean / total, 3);
            });
            for (const average of averages[step]!) expect(average).toEqual(averages[step]![0]);
          }
          const inRankOrder = [...order].sort((a, b) => a - b);
          const again = await run(makeWorld, steps, { order: inRankOrder, inPlace: !inPlace });
          expect(again).toEqual(averages);
        }),
      );
    });
  });
}

interface TestPart {
  readonly samples: number;
  readonly values: readonly number[];
}

/**
 * All ranks in one process, step by step.
 *
 * @returns copies of the averages, by step and rank
 */
async function run(
  makeWorld: MakeWorld,
  steps: readonly (readonly TestPart[])[],
  { order, inPlace }: Manner,
): Promise<Float32Array[][]> {
  const [{ length: ranks }, length] = [steps[0]!, steps[0]![0]!.values.length];
  const collectives = makeWorld(hub(ranks), length);
  const averages: Float32Array[][] = [];
  for (const [step, parts] of steps.entries()) {
    const globalSamples = parts.reduce((sum, { samples }) => sum + samples, 0);
    const results: Promise<Float32Array>[] = [];
    for (const rank of order) {
      const { samples, values } = parts[rank]!;
      const place = inPlace ? collectives[rank]!.gradientBuffer() : null;
      const gradient = place ?? new Float32Array(length);
      expect(gradient.length).toBe(length);
      gradient.set(values);
      results[rank] = collectives[rank]!.allReduce({
        step,
        samples,
        globalSamples,
        metrics: {},
        reports: true,
        gradient,
      }).then((average) => {
        expect(average.proceed).toBe(true);
        return average.gradient!.slice();
      });
    }
    averages.push(await Promise.all(results));
  }
  return averages;
}

/** The coordinator without the wire: it averages the gradients that it is given, and releases all at once. */
function hub(ranks: number): Barrier[] {
  const arrived = new Map<number, WeightedGradient>();
  let release: ((average: Float32Array | null) => void)[] = [];
  return Array.from({ length: ranks }, (_, rank) => ({
    contribute: ({ gradient, samples }) =>
      new Promise((resolve) => {
        if (gradient) arrived.set(rank, { gradient, samples });
        release.push((average) => resolve({ proceed: true, gradient: average }));
        if (release.length < ranks) return;
        const parts = Array.from({ length: ranks }, (_, r) => arrived.get(r) ?? []).flat();
        const into = parts.length > 0 ? new Float32Array(parts[0]!.gradient.length) : null;
        if (into) weightedAverage(parts, into);
        const waiting = release;
        release = [];
        arrived.clear();
        for (const done of waiting) done(into);
      }),
    flush: async () => undefined,
  }));
}
