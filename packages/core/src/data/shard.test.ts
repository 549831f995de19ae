import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from './dataset.js';
import { permutation } from './permutation.js';
import { rangeLength } from './range.js';
import { evaluationSlice, globalSlice, rankSlice, stepCount } from './shard.js';

const sizes = fc.integer({ min: 0, max: 5000 });
const batchSizes = fc.integer({ min: 1, max: 700 });
const worldSizes = fc.integer({ min: 1, max: 40 });

const parts = (slice: Range, worldSize: number) =>
  Array.from({ length: worldSize }, (_none, rank) => rankSlice(slice, rank, worldSize));

/** Runs an epoch; `worldSizeAt` says how many ranks there are in each step. Counts each sample's uses. */
function usesInAnEpoch(
  size: number,
  batchSize: number,
  seed: number,
  worldSizeAt: (step: number) => number,
): { uses: Uint8Array; steps: number } {
  const uses = new Uint8Array(size);
  const order = permutation(seed, 0, size);
  let steps = 0;
  for (let position = 0; position < size; steps += 1) {
    const slice = globalSlice(position, size, batchSize);
    for (const part of parts(slice, worldSizeAt(steps))) {
      for (const sample of order.subarray(part.begin, part.end)) uses[sample]! += 1;
    }
    position = slice.end;
  }
  return { uses, steps };
}

describe('an epoch', () => {
  it('uses each sample exactly once, in stepCount steps', () => {
    fc.assert(
      fc.property(sizes, batchSizes, worldSizes, fc.nat(), (size, batchSize, world, seed) => {
        const { uses, steps } = usesInAnEpoch(size, batchSize, seed, () => world);
        expect(uses).toEqual(new Uint8Array(size).fill(1));
        expect(steps).toBe(stepCount(size, batchSize));
      }),
    );
  });

  it('uses each sample exactly once when ranks join and leave between steps', () => {
    const memberships = fc.array(worldSizes, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, batchSizes, memberships, fc.nat(), (size, batchSize, worlds, seed) => {
        const worldSizeAt = (step: number) => worlds[step % worlds.length]!;
        const { uses } = usesInAnEpoch(size, batchSize, seed, worldSizeAt);
        expect(uses).toEqual(new Uint8Array(size).fill(1));
      }),
    );
  });

  it('has global batches that depend on the position alone', () => {
    expect(globalSlice(0, 10, 4)).toEqual({ begin: 0, end: 4 });
    expect(globalSlice(8, 10, 4)).toEqual({ begin: 8, end: 10 });
    expect(globalSlice(10, 10, 4)).toEqual({ begin: 10, end: 10 });
  });
});

describe('rankSlice', () => {
  it('covers the slice in rank order with parts that differ by at most one, larger ones first', () => {
    fc.assert(
      fc.property(sizes, sizes, worldSizes, (begin, length, worldSize) => {
        const slice = { begin, end: begin + length };
        const all = parts(slice, worldSize);
        let covered = begin;
        for (const part of all) {
          expect(part.begin).toBe(covered);
          covered = part.end;
        }
        expect(covered).toBe(slice.end);
        const lengths = all.map(rangeLength);
        expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
        expect(lengths[0]! - lengths.at(-1)!).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('leaves late ranks without samples when there are fewer samples than ranks', () => {
    expect(parts({ begin: 7, end: 9 }, 3).map(rangeLength)).toEqual([1, 1, 0]);
  });
});

describe('evaluationSlice', () => {
  it('gives each sample of the split to one rank', () => {
    fc.assert(
      fc.property(sizes, worldSizes, (size, worldSize) => {
        const ranks = Array.from({ length: worldSize }, (_none, rank) => rank);
        const slices = ranks.map((rank) => evaluationSlice(size, rank, worldSize));
        expect(slices).toEqual(parts({ begin: 0, end: size }, worldSize));
      }),
    );
  });
});

describe('nonsense is refused', () => {
  it.each<[string, () => unknown]>([
    ['a batch of 0', () => stepCount(10, 0)],
    ['a batch of 0 in a slice', () => globalSlice(0, 10, 0)],
    ['half a sample', () => stepCount(0.5, 1)],
    ['a position after the end', () => globalSlice(11, 10, 4)],
    ['a position before the begin', () => globalSlice(-1, 10, 4)],
    ['no ranks', () => rankSlice({ begin: 0, end: 1 }, 0, 0)],
    ['a rank that is not there', () => rankSlice({ begin: 0, end: 1 }, 2, 2)],
    ['a negative rank', () => evaluationSlice(5, -1, 2)],
  ])('%s', (_name, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
