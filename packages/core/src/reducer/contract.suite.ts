import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Range } from '../data/index.js';
import { partition } from './partition.js';
import { type Compression, compressions, type Reducer } from './reducer.js';

interface WorldOptions {
  readonly worldSize: number;
  readonly length: number;
  readonly compression: Compression;
  readonly deadlineMs?: number;
}

/** Makes all ranks of a world, in rank order. The suite closes them. */
type MakeWorld = (world: WorldOptions) => Promise<Reducer[]>;

interface Limits {
  /** The largest world that is tried. */
  readonly maxRanks: number;
  /** How many random worlds each property is tried on; fewer where a world costs much. */
  readonly runs?: number;
}

type Operation =
  | { kind: 'allReduce'; samples: number[]; seed: number; ranges?: Range[] }
  | { kind: 'reduceScatter'; samples: number[]; seed: number }
  | { kind: 'allGather'; seed: number };

/** By rank and operation: how many turns of the event loop a rank is late. Decides who comes first. */
type Delays = readonly (readonly number[])[];

/** What `reducers` gave: the bits, by operation and rank. */
type Results = Uint32Array[][];

const largest = 100;

/** What rank `rank` brings: any values, the same in each run. */
function elementOf(seed: number, rank: number, i: number): number {
  return Math.fround(largest * Math.sin(1 + seed * 7.13 + rank * 13.7 + i * 1.001));
}

/** Half of a unit in the last place, relative. */
const roundoff: Record<Compression, number> = {
  none: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

function weightsOf(samples: readonly number[]): number[] {
  const total = samples.reduce((sum, n) => sum + n, 0);
  return samples.map((n) => (total === 0 ? 0 : n / total));
}

const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.slice().buffer, 0, values.length);

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

/** One rank's way through a program. Everything that a rank may do early, it does early. */
async function runRank(
  reducer: Reducer,
  rank: number,
  program: readonly Operation[],
  delays: readonly number[],
): Promise<Uint32Array[]> {
  const results: Uint32Array[] = [];
  let former: Float32Array | null = null;
  for (const [i, operation] of program.entries()) {
    const late = delays[i % delays.length] ?? 0;
    const input = reducer.input();
    expect(reducer.input()).toBe(input);
    const write = ({ begin, end }: Range) => {
      for (let at = begin; at < end; at++) input[at] = elementOf(operation.seed, rank, at);
    };
    const all = { begin: 0, end: input.length };
    // What may not be looked at would show.
    input.fill(Number.NaN);
    const bucketed = operation.kind === 'allReduce' && operation.ranges !== undefined;
    if (operation.kind === 'allGather') write(reducer.own);
    else if (operation.samples[rank]! > 0 && !bucketed) write(all);
    await turns(late);
    // Others may be anywhere; what this rank was given is still there, beside its next input.
    if (former) expect(bitsOf(former)).toEqual(results[i - 1]);

    if (operation.kind === 'allGather') former = await reducer.allGather();
    else {
      const weight = weightsOf(operation.samples)[rank]!;
      if (operation.kind === 'reduceScatter') former = await reducer.reduceScatter(weight);
      else if (operation.ranges === undefined) former = await reducer.allReduce(weight);
      else {
        const step = weight > 0 ? write : () => undefined;
        former = await reducer.allReduce(weight, written(operation.ranges, step, late));
      }
    }
    results.push(bitsOf(former));
  }
  await turns(delays[program.length % delays.length] ?? 0);
  if (former) expect(bitsOf(former)).toEqual(results.at(-1));
  return results;
}

/** Writes each range just before it says that it is ready. */
async function* written(ranges: readonly Range[], write: (range: Range) => void, late: number) {
  for (const range of ranges) {
    await turns(late);
    write(range);
    yield range;
  }
}

/** Each operation against sums in float64. */
function expectRight(world: WorldOptions, program: readonly Operation[], results: Results): void {
  const owns = partition(world.length, world.worldSize);
  for (const [i, operation] of program.entries()) {
    for (const [rank, bits] of results[i]!.entries()) {
      const values = new Float32Array(bits.buffer);
      const range =
        operation.kind === 'reduceScatter' ? owns[rank]! : { begin: 0, end: world.length };
      expect(values.length).toBe(range.end - range.begin);
      if (operation.kind === 'allGather') {
        for (const [owner, { begin, end }] of owns.entries()) {
          for (let at = begin; at < end; at++) {
            if (values[at] !== elementOf(operation.seed, owner, at)) {
              expect.fail(`element ${at} of rank ${owner} is ${values[at]} at rank ${rank}`);
            }
          }
        }
        continue;
      }
      const weights = weightsOf(operation.samples);
      // Each hop may round a partial sum, and bring what the operation before it has kept.
      const tolerance = 2 * (world.worldSize + 1) * roundoff[world.compression] * largest + 1e-6;
      for (let at = range.begin; at < range.end; at++) {
        let sum = 0;
        for (const [r, w] of weights.entries()) sum += w * elementOf(operation.seed, r, at);
        const got = values[at - range.begin]!;
        if (!(Math.abs(got - sum) <= tolerance)) {
          expect.fail(`operation ${i}, rank ${rank}, element ${at}: ${got} instead of ${sum}`);
        }
      }
    }
  }
}

function expectAlike(program: readonly Operation[], results: Results): void {
  for (const [i, operation] of program.entries()) {
    if (operation.kind === 'reduceScatter') continue;
    for (const bits of results[i]!) expect(bits).toEqual(results[i]![0]);
  }
}

const lengths = fc.oneof(
  fc.nat(40),
  fc.integer({ min: 1, max: 40 }).map((lines) => lines * 16),
  fc.nat(1_500),
);

function rangesOf(length: number): fc.Arbitrary<Range[]> {
  // Cuts may fall together: ranges without elements.
  return fc
    .record({ cuts: fc.array(fc.nat(length), { maxLength: 5 }), backwards: fc.boolean() })
    .map(({ cuts, backwards }) => {
      const bounds = [0, ...cuts.sort((a, b) => a - b), length];
      const ranges = bounds.slice(1).map((end, i) => ({ begin: bounds[i]!, end }));
      return backwards ? ranges.reverse() : ranges;
    });
}

function operationOf(length: number, worldSize: number): fc.Arbitrary<Operation> {
  const seed = fc.nat(1_000);
  const samples = fc.array(fc.nat(64), { minLength: worldSize, maxLength: worldSize });
  return fc.oneof(
    fc.record({ kind: fc.constant('allReduce' as const), samples, seed }),
    fc.record({ kind: fc.constant('allReduce' as const), samples, seed, ranges: rangesOf(length) }),
    fc.record({ kind: fc.constant('reduceScatter' as const), samples, seed }),
    fc.record({ kind: fc.constant('allGather' as const), seed }),
  );
}

function delaysOf(worldSize: number): fc.Arbitrary<Delays> {
  const ofRank = fc.array(fc.oneof(fc.constant(0), fc.nat(6)), { minLength: 1, maxLength: 5 });
  return fc.array(ofRank, { minLength: worldSize, maxLength: worldSize });
}

/** The ranks that an error names. */
function ranksNamedBy(thrown: unknown): number[] {
  const message = thrown instanceof Error ? thrown.message : '';
  const [, list = ''] = /\branks? (\d+(?:, \d+)*)/.exec(message) ?? [];
  return list === '' ? [] : list.split(', ').map(Number);
}

/**
 * What every reducer keeps (see ./reducer.ts), on any number of ranks and elements.
 *
 * Of bits: equal on all ranks and in all runs with the same program. Ranges without elements do not change
 * them, nor does one range of everything; other ranges may, because they may be cut among ranks differently,
 * which changes the order of additions.
 */
export function reducerContract(
  name: string,
  makeWorld: MakeWorld,
  { maxRanks, runs = 30 }: Limits,
): void {
  const opened: Reducer[] = [];
  const open = async (world: WorldOptions): Promise<Reducer[]> => {
    const reducers = await makeWorld(world);
    opened.push(...reducers);
    return reducers;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((reducer) => reducer.close()));
  };
  afterEach(closeAll);

  /** A fresh world, run through a program; results by operation and rank. */
  async function run(
    world: WorldOptions,
    program: readonly Operation[],
    delays: Delays = [],
  ): Promise<Results> {
    const reducers = await open(world);
    const byRank = await Promise.all(
      reducers.map((reducer, rank) => runRank(reducer, rank, program, delays[rank] ?? [0])),
    );
    await closeAll();
    return program.map((_, i) => byRank.map((results) => results[i]!));
  }

  const worlds = fc.record({
    worldSize: fc.integer({ min: 1, max: maxRanks }),
    length: lengths,
    compression: fc.constantFrom(...compressions),
  });
  const programs = worlds.chain((world) =>
    fc.record({
      world: fc.constant(world),
      program: fc.array(operationOf(world.length, world.worldSize), { minLength: 1, maxLength: 6 }),
      delays: delaysOf(world.worldSize),
      otherDelays: delaysOf(world.worldSize),
    }),
  );
  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>) =>
    // A run that fails half-way leaves ranks behind that would wait for nobody.
    fc.assert(fc.asyncProperty(arbitrary, property).afterEach(closeAll), { numRuns: runs });

  describe(`the ${name} reducer`, () => {
    it('gives the right sums and parts, the same bits whatever the timing', async () => {
      await check(programs, async ({ world, program, delays, otherDelays }) => {
        const results = await run(world, program, delays);
        expectRight(world, program, results);
        expectAlike(program, results);
        expect(await run(world, program, otherDelays)).toEqual(results);
      });
    });

    it('scatters the parts of what it would give to all', async () => {
      await check(programs, async ({ world, delays }) => {
        const samples = Array.from({ length: world.worldSize }, (_, rank) => rank % 3);
        const whole = await run(world, [{ kind: 'allReduce', samples, seed: 1 }], delays);
        const parts = await run(world, [{ kind: 'reduceScatter', samples, seed: 1 }], delays);
        const owns = partition(world.length, world.worldSize);
        for (const [rank, { begin, end }] of owns.entries()) {
          expect(parts[0]![rank]).toEqual(whole[0]![rank]!.slice(begin, end));
        }
      });
    });

    it('does not mind ranges without elements, nor one of everything', async () => {
      const cases = worlds.chain((world) =>
        fc.record({
          world: fc.constant(world),
          ranges: rangesOf(world.length),
          places: fc.array(fc.nat(6), { maxLength: 3 }),
        }),
      );
      await check(cases, async ({ world, ranges, places }) => {
        const samples = Array.from({ length: world.worldSize }, (_, rank) => 1 + (rank % 3));
        const results = (kept?: Range[]) =>
          run(world, [{ kind: 'allReduce', samples, seed: 2, ...(kept && { ranges: kept }) }]);
        const more = ranges.filter(({ begin, end }) => begin < end);
        const filled = await results(more);
        for (const place of places) {
          const begin = more[place]?.begin ?? world.length;
          more.splice(place, 0, { begin, end: begin });
        }
        expect(await results(more)).toEqual(filled);
        expect(await results([{ begin: 0, end: world.length }])).toEqual(await results());
      });
    });

    it('keeps what rounding left out for the next operation', async () => {
      const [worldSize, length, count] = [maxRanks, 100, 40];
      for (const compression of compressions) {
        const samples = Array.from({ length: worldSize }, () => 1);
        const program = Array.from({ length: count }, () => {
          return { kind: 'allReduce', samples, seed: 3 } as const;
        });
        const results = await run({ worldSize, length, compression }, program);
        for (let at = 0; at < length; at++) {
          const sum = results.reduce((s, [bits]) => s + new Float32Array(bits!.buffer)[at]!, 0);
          let mean = 0;
          for (let rank = 0; rank < worldSize; rank++) mean += elementOf(3, rank, at) / worldSize;
          // What is missing from the sum of all is what the last operation kept, not one such for each; but
          // for the rounding of the sums themselves.
          const kept = 2 * (worldSize + 1) * largest * roundoff[compression];
          const rounding = count * (worldSize + 1) * largest * roundoff.none;
          expect(Math.abs(sum - count * mean)).toBeLessThanOrEqual(kept + rounding);
        }
      }
    });

    it('owns its part by rank, and says its name', async () => {
      const [worldSize, length] = [maxRanks, 1_000];
      const reducers = await open({ worldSize, length, compression: 'none' });
      const parts = partition(length, worldSize);
      expect(reducers.map(({ own }) => ({ ...own }))).toEqual(parts);
      for (const reducer of reducers) {
        expect(name).toContain(reducer.name);
        expect(reducer.input()).toHaveLength(length);
        expect(reducer.waitingFor).toEqual([]);
      }
    });

    it('rejects with what the ranges are ended by', async () => {
      const reducers = await open({ worldSize: maxRanks, length: 64, compression: 'none' });
      const reason = new Error('the gradient went wrong');
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      const failing = async function* (): AsyncGenerator<Range> {
        await turns(1);
        throw reason;
      };
      await expect(reducers[0]!.allReduce(1, failing())).rejects.toBe(reason);
      await expect(reducers[0]!.allReduce(1)).rejects.toBe(reason);
    });

    it('rejects with the reason that it was aborted for, then and later', async () => {
      const reducers = await open({ worldSize: maxRanks, length: 64, compression: 'none' });
      const [first, ...others] = reducers;
      const reason = new Error('the coordinator said so');
      const before = others.map((reducer) => reducer.allReduce(1));
      await turns(3);
      for (const reducer of others) {
        reducer.abort(reason);
        reducer.abort(new Error('a second reason'));
      }
      expect(await Promise.allSettled(before)).toEqual(
        others.map(() => ({ status: 'rejected', reason })),
      );
      first!.abort(reason);
      for (const reducer of reducers) {
        expect(reducer.waitingFor).toEqual([]);
        await expect(reducer.allReduce(1)).rejects.toBe(reason);
        await expect(reducer.reduceScatter(1)).rejects.toBe(reason);
        await expect(reducer.allGather()).rejects.toBe(reason);
      }
    });

    it('ends what is under way when it is closed, and takes nothing more', async () => {
      const reducers = await open({ worldSize: maxRanks, length: 64, compression: 'none' });
      const [, ...others] = reducers;
      const endings = others.map((reducer) => reducer.allReduce(1).catch((thrown) => thrown));
      await turns(3);
      await Promise.all(reducers.map((reducer) => reducer.close()));
      for (const ending of endings) expect(await ending).toBeInstanceOf(Error);
      for (const reducer of reducers) {
        await reducer.close();
        await expect(reducer.allReduce(1)).rejects.toThrow(/closed/);
        await expect(reducer.reduceScatter(1)).rejects.toThrow(/closed/);
        await expect(reducer.allGather()).rejects.toThrow(/closed/);
      }
    });

    if (maxRanks === 1) return;

    it('refuses a second operation before the first has ended', async () => {
      const reducers = await open({ worldSize: 2, length: 64, compression: 'none' });
      reducers[0]!.input().fill(1);
      const first = reducers[0]!.allReduce(0.5);
      await expect(reducers[0]!.allReduce(0.5)).rejects.toMatchObject({ code: 'INTERNAL' });
      reducers[1]!.input().fill(3);
      expect((await reducers[1]!.allReduce(0.5))[0]).toBe(2);
      expect((await first)[63]).toBe(2);
    });

    const missing = [[0], [maxRanks - 1], [Math.floor(maxRanks / 2)], [0, maxRanks - 1]].filter(
      (ranks) => ranks.length < maxRanks,
    );
    it.each(missing)('names at its deadline who did not come: %j', async (...absent) => {
      const ranks = absent.filter((rank) => rank !== undefined);
      const world = { worldSize: maxRanks, length: 5_000, compression: 'none' } as const;
      const reducers = await open({ ...world, deadlineMs: 600 });
      const present = reducers.filter((_, rank) => !ranks.includes(rank));
      // One operation in which all take part, so that nothing depends on who has begun.
      await Promise.all(reducers.map((reducer) => reducer.allReduce(1)));
      const endings = present.map((reducer) =>
        reducer.allReduce(1).then(
          () => expect.fail('it ended without all ranks'),
          (thrown: unknown) => thrown,
        ),
      );
      await vi.waitFor(
        () => {
          for (const { waitingFor } of present) {
            expect(waitingFor).not.toHaveLength(0);
            for (const rank of waitingFor) expect(ranks).toContain(rank);
          }
        },
        { interval: 2, timeout: 5_000 },
      );
      for (const ending of endings) {
        const thrown = await ending;
        expect(thrown).toMatchObject({ code: 'WORKER_LOST' });
        const named = ranksNamedBy(thrown);
        expect(named).not.toHaveLength(0);
        for (const rank of named) expect(ranks).toContain(rank);
      }
      for (const reducer of present) {
        expect(reducer.waitingFor).toEqual([]);
        await expect(reducer.allReduce(1)).rejects.toMatchObject({ code: 'WORKER_LOST' });
      }
    });
  });
}
