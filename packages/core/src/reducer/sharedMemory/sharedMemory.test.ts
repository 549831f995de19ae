import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { reducerContract } from '../contract.suite.js';
import type { Reducer } from '../reducer.js';
import { layoutOf } from './layout.js';
import { makeSegmentFile } from './segmentFile.js';
import { createSharedMemory } from './sharedMemory.js';

interface World {
  readonly worldSize: number;
  readonly length: number;
  readonly deadlineMs?: number;
  readonly folders?: readonly string[];
}

const opened: Reducer[] = [];
afterEach(async () => {
  for (const reducer of opened.splice(0)) await reducer.close();
});

/** Some ranks of a world, all by default. */
async function open(
  { worldSize, length, deadlineMs = 20_000, folders }: World,
  ranks = Array.from({ length: worldSize }, (_, rank) => rank),
): Promise<Reducer[]> {
  const place = { segment: randomUUID(), ...(folders && { folders }) };
  const reducers = await Promise.all(
    ranks.map((rank) =>
      createSharedMemory({ rank, worldSize, length, compression: 'none', deadlineMs }, place),
    ),
  );
  opened.push(...reducers);
  return reducers;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'shared-memory-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

reducerContract(
  'shared-memory',
  async ({ worldSize, length, compression, deadlineMs = 20_000 }) => {
    const place = { segment: randomUUID() };
    return await Promise.all(
      Array.from({ length: worldSize }, (_, rank) =>
        createSharedMemory({ rank, worldSize, length, compression, deadlineMs }, place),
      ),
    );
  },
  { maxRanks: 5 },
);

describe('ranks that are not to meet any more', () => {
  it.each([
    ['the one that makes the segment', 0],
    ['one that finds it, made by one that is dead', 1],
  ])('%s takes its file away at once', async (_who, rank) => {
    const folders = [folder()];
    const giveUp = new AbortController();
    const place = { segment: randomUUID(), folders };
    const { signal } = giveUp;
    const options = {
      worldSize: 3,
      length: 5,
      compression: 'none',
      deadlineMs: 20_000,
      signal,
    } as const;
    const meeting = createSharedMemory({ ...options, rank }, place);
    // Nobody removes it: this rank 0 never comes to its end here.
    if (rank !== 0) {
      const layout = layoutOf(options.worldSize, options.length);
      const header = Int32Array.of(0x4c53_534d, 2, options.worldSize, options.length);
      const { handle } = await makeSegmentFile(place.segment, header, layout.bytes, folders);
      await handle.close();
    }
    await vi.waitFor(() => expect(readdirSync(folders[0]!)).toHaveLength(1));
    giveUp.abort(new Error('given up'));
    await expect(meeting).rejects.toThrow('given up');
    expect(readdirSync(folders[0]!)).toEqual([]);
  });
});

describe('what is gathered', () => {
  it('lies where all ranks see it, is put there in place, and stays through what is added up', async () => {
    const length = 33;
    const ranks = await open({ worldSize: 3, length });
    const shared = ranks.map((reducer) => reducer.shared!.gathered);
    for (let step = 1; step <= 20; step++) {
      await Promise.all(
        ranks.map(async (reducer, rank) => {
          reducer.input().fill(step);
          const own = await reducer.reduceScatter(1);
          expect(own.every((value) => value === 3 * step)).toBe(true);
          const { begin, end } = reducer.own;
          shared[rank]!.subarray(begin, end).fill(100 * step + rank);
          expect(await reducer.allGather(true)).toBe(shared[rank]);
          const expected = ranks.flatMap(({ own: part }, owner) =>
            Array<number>(part.end - part.begin).fill(100 * step + owner),
          );
          expect(Array.from(shared[rank]!)).toEqual(expected);
          reducer.input().fill(rank);
          await reducer.allReduce(1);
          expect(Array.from(shared[rank]!)).toEqual(expected);
        }),
      );
    }
  });
});

describe('what ranks meet over', () => {
  const [worldSize, length] = [3, 40];
  const elementAt = (step: number, rank: number, i: number) => step * 1_000 + rank * 100 + i;

  it('is there for all of them until their next operation, whoever is late', async () => {
    const ranks = await open({ worldSize, length });
    const [one] = ranks;
    const size = one!.shared!.inputs.length;
    expect(size).toBeGreaterThanOrEqual(worldSize * length);
    const run = async (reducer: Reducer, rank: number) => {
      const { inputs, sum, gathered, meet } = reducer.shared!;
      const { begin, end } = reducer.own;
      for (let step = 0; step < 30; step++) {
        // Any layout that the ranks agree on: here every third element.
        for (let i = rank; i < size; i += worldSize) inputs[i] = elementAt(step, rank, i);
        await meet();
        expect(reducer.waitingFor).toEqual([]);
        for (let late = (rank + step) % worldSize; late > 0; late--)
          await new Promise(setImmediate);
        for (let i = 0; i < size; i++) {
          if (inputs[i] !== elementAt(step, i % worldSize, i))
            expect.fail(`step ${step}, element ${i}`);
        }
        sum.fill(step, begin, end);
        gathered.fill(step + rank, begin, end);
        const all = await reducer.allGather(true);
        for (const [owner, { own }] of ranks.entries()) {
          expect(all.subarray(own.begin, own.end).every((each) => each === step + owner)).toBe(
            true,
          );
        }
        expect(sum.subarray(begin, end).every((each) => each === step)).toBe(true);
      }
    };
    await Promise.all(ranks.map(run));
  });

  it('is waited for until the deadline, which names who did not come', async () => {
    const [first, , third] = await open({ worldSize, length, deadlineMs: 100 });
    const endings = [first!, third!].map(({ shared }) => shared!.meet().catch((thrown) => thrown));
    for (const ending of endings) {
      expect(await ending).toMatchObject({
        code: 'WORKER_LOST',
        message: 'rank 1 did not answer in the exchange within 0.1 s',
      });
    }
    await expect(first!.shared!.meet()).rejects.toMatchObject({ code: 'WORKER_LOST' });
  });

  it('is let go of', async () => {
    const [first] = await open({ worldSize, length });
    const meeting = first!.shared!.meet();
    await vi.waitFor(() => expect(first!.waitingFor).toEqual([1, 2]));
    const reason = new Error('the coordinator said so');
    first!.abort(reason);
    await expect(meeting).rejects.toBe(reason);
  });
});

describe('one input for each rank and one result are enough', () => {
  const kinds = ['allReduce', 'reduceScatter', 'allGather'] as const;
  const length = 70;
  const worldSize = 3;

  async function turns(count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await new Promise(setImmediate);
  }

  /** Others write their next input, and begin, while a rank that is late has not read its result yet. */
  it('whichever operations follow each other and whoever is late', async () => {
    const sequences = kinds.flatMap((a) =>
      kinds.flatMap((b) => kinds.map((c) => [a, b, c] as const)),
    );
    const reducers = await open({ worldSize, length });
    const seen = (kind: (typeof kinds)[number], step: number, { own }: Reducer) => {
      const sum = 1 + 2 + 3 + worldSize * step;
      if (kind === 'reduceScatter') return new Float32Array(own.end - own.begin).fill(sum);
      const all = new Float32Array(length).fill(sum);
      if (kind === 'allReduce') return all;
      for (const [rank, { own }] of reducers.entries()) {
        all.fill(rank + 1 + step, own.begin, own.end);
      }
      return all;
    };
    for (const sequence of sequences) {
      for (let late = 0; late < worldSize; late += 1) {
        const run = async (reducer: Reducer, rank: number) => {
          for (const [step, kind] of sequence.entries()) {
            reducer.input().fill(rank + 1 + step);
            const result = await (kind === 'allGather' ? reducer.allGather() : reducer[kind](1));
            reducer.input().fill(Number.NaN);
            if (rank === late) await turns(3);
            expect(result).toEqual(seen(kind, step, reducer));
          }
        };
        await Promise.all(reducers.map(run));
      }
    }
  });
});

describe('ranks that do not come', () => {
  it('are named: rank 0, which would have made the file', async () => {
    await expect(open({ worldSize: 3, length: 10, deadlineMs: 50 }, [1, 2])).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: expect.stringContaining('rank 0 did'),
    });
  });

  it('are named: others; and no file is left', async () => {
    const place = folder();
    const world = { worldSize: 5, length: 10, deadlineMs: 100, folders: [place] };
    await expect(open(world, [0, 2])).rejects.toMatchObject({
      code: 'WORKER_LOST',
      message: expect.stringContaining('ranks 1, 3, 4 did'),
    });
    await expect.poll(() => readdirSync(place)).toEqual([]);
  });
});

it('has a name in the folder only until all ranks have come', async () => {
  const place = folder();
  await open({ worldSize: 3, length: 10, folders: [place] });
  expect(readdirSync(place)).toEqual([]);
});

it('refuses ranges that are not all there is to add up', async () => {
  const [reducer] = await open({ worldSize: 1, length: 10 });
  const ready = async function* () {
    yield { begin: 0, end: 4 };
    yield { begin: 4, end: 9 };
  };
  await expect(reducer!.allReduce(1, ready())).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining('9 elements ready of the 10'),
  });
});

describe('an abort while ranges are computed', () => {
  it('does not wait for a range that never comes, and tells who makes them', async () => {
    const [reducer] = await open({ worldSize: 2, length: 10 });
    let asked: (() => void) | undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let returned = 0;
    const ready = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          asked!();
          return new Promise<never>(() => undefined);
        },
        return: async () => {
          returned += 1;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const operation = reducer!.allReduce(1, ready);
    await isAsked;
    expect(reducer!.waitingFor).toEqual([]);
    const reason = new Error('the coordinator said so');
    reducer!.abort(reason);
    await expect(operation).rejects.toBe(reason);
    expect(returned).toBe(1);
  });
});

/** What is mapped into this process, and its resident memory in bytes. */
const mapped = () =>
  readFileSync('/proc/self/maps', 'utf8').match(/lockstep-segment/g)?.length ?? 0;
const resident = () => process.memoryUsage.rss();

describe.skipIf(process.platform !== 'linux')('memory (needs /proc)', () => {
  const length = 250_000;

  async function use(): Promise<Reducer[]> {
    const reducers = await open({ worldSize: 2, length });
    for (const reducer of reducers) reducer.input().fill(1);
    await Promise.all(reducers.map((reducer) => reducer.allReduce(0.5)));
    return reducers;
  }

  it('is given back at once when a reducer is closed; what is kept of it reads zeros', async () => {
    const reducers = await use();
    expect(mapped()).toBe(2);
    const kept = reducers.map((reducer) => reducer.input());
    for (const reducer of reducers) await reducer.close();
    expect(mapped()).toBe(0);
    for (const input of kept) expect(input.every((value) => value === 0)).toBe(true);
  });

  it('stays flat over hundreds of reducers that are dropped without being closed', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const collectAll = async () => {
      opened.length = 0;
      // A memory goes in the collection after that of the objects which hold it.
      for (let i = 0; i < 3; i += 1) {
        collect();
        await new Promise(setImmediate);
      }
    };
    const rounds = 200;
    let early = 0;
    for (let round = 0; round < rounds; round += 1) {
      await use();
      if (round % 10 === 9) await collectAll();
      if (round === 99) early = resident();
    }
    expect(mapped()).toBeLessThan(20);
    // One hundred more of two reducers, each with its input and parts of the rest: two megabytes.
    expect(resident() - early).toBeLessThan(100 * 2 ** 20);
  });
});
