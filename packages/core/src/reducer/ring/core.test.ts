import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../data/index.js';
import { type FrameHeader, frame, frameKinds } from '../peers/index.js';
import { type Compression, compressions } from '../reducer.js';
import { RingCore } from './core.js';
import { KernelArithmetic } from './kernelArithmetic.js';
import { Ring } from './ring.js';

/** Which of the frames under way arrives next: `pick` modulo how many there are. */
type Picks = readonly number[];

interface World {
  readonly worldSize: number;
  readonly length: number;
  readonly chunkLength: number;
  readonly compression: Compression;
}

interface Flight {
  readonly arrive: () => void;
  /** A second time, as it was when it was sent. */
  readonly arriveAgain: () => void;
}

/**
 * Ranks whose frames arrive in any order, some twice, and whose payloads are looked at only then: a rank that writes to
 * what it has sent too early is found out.
 */
class LateNetwork {
  readonly flights: Flight[] = [];
  readonly cores: RingCore<Uint8Array>[] = [];
  readonly ticks: (() => void)[] = [];
  readonly rings: Ring<Uint8Array>[] = [];
  /** Frames whose payload was not any more what it was when it was sent. */
  changed = 0;
  /** Frames that get lost. */
  loses: (from: number, header: FrameHeader) => boolean = () => false;

  static async of(world: World, deadlineMs = 1_000): Promise<LateNetwork> {
    const network = new LateNetwork();
    for (let rank = 0; rank < world.worldSize; rank++) {
      const arithmetic = await KernelArithmetic.create(world);
      const core = new RingCore(
        { ...world, rank, deadlineMs },
        network.ends(rank, world.worldSize),
        {
          every: (_, tick) => {
            network.ticks[rank] = tick;
            return () => delete network.ticks[rank];
          },
        },
        arithmetic,
      );
      network.cores.push(core);
      const options = { ...world, rank, deadlineMs };
      network.rings.push(new Ring(options, core, arithmetic.arrays, async () => undefined));
    }
    return network;
  }

  /** Delivers until all of `work` is done. */
  async run(work: readonly Promise<unknown>[], picks: Picks): Promise<void> {
    let isDone = false;
    const all = Promise.all(work).finally(() => {
      isDone = true;
    });
    // Awaited in the end.
    all.catch(() => undefined);
    for (let step = 0; !isDone; step++) {
      const pick = picks[step % picks.length]!;
      const [flight] = this.flights.splice(pick % Math.max(1, this.flights.length), 1);
      flight?.arrive();
      if (pick % 5 === 0) flight?.arriveAgain();
      // Lets the ranks go on now and then, or when nothing else can happen.
      if (flight === undefined || pick % 3 === 0) await new Promise(setImmediate);
    }
    await all;
  }

  private ends(rank: number, worldSize: number) {
    const next = (rank + 1) % worldSize;
    const previous = (rank + worldSize - 1) % worldSize;
    return {
      toNext: (header: FrameHeader, payload: Uint8Array | null) => {
        if (this.loses(rank, header)) return;
        const sent = payload?.slice() ?? null;
        this.flights.push({
          arrive: () => {
            if (payload !== null && Buffer.compare(payload, sent!) !== 0) this.changed += 1;
            this.deliver(next, header, payload);
          },
          arriveAgain: () => this.deliver(next, header, sent),
        });
      },
      toPrevious: (header: FrameHeader) => {
        const arrive = () => this.cores[previous]!.fromNext(header);
        this.flights.push({ arrive, arriveAgain: arrive });
      },
    };
  }

  private deliver(to: number, header: FrameHeader, payload: Uint8Array | null): void {
    const core = this.cores[to]!;
    if (payload === null) {
      core.fromPrevious(header, null);
      return;
    }
    const place = core.place(header);
    if (place === null) return;
    place.set(payload);
    core.fromPrevious(header, place);
  }
}

type Operation =
  | { kind: 'all-reduce'; seed: number; ranges: Range[] }
  | { kind: 'reduce-scatter' | 'all-gather'; seed: number };

const valueAt = (seed: number, rank: number, i: number): number =>
  Math.fround(10 * Math.sin(seed + 3 * rank + i));

/** What each rank was given, by operation. */
async function runRank(ring: Ring<Uint8Array>, rank: number, program: readonly Operation[]) {
  const results: Float32Array[] = [];
  for (const operation of program) {
    const input = ring.input();
    for (let i = 0; i < input.length; i++) input[i] = valueAt(operation.seed, rank, i);
    if (operation.kind === 'all-reduce') {
      const ranges = async function* () {
        yield* operation.ranges;
      };
      results.push((await ring.allReduce(0.5, ranges())).slice());
    } else if (operation.kind === 'reduce-scatter') {
      results.push((await ring.reduceScatter(0.5)).slice());
    } else results.push((await ring.allGather()).slice());
  }
  return results;
}

async function runAll(world: World, program: readonly Operation[], picks: Picks) {
  const network = await LateNetwork.of(world);
  const work = network.rings.map((ring, rank) => runRank(ring, rank, program));
  await network.run(work, picks);
  return { results: await Promise.all(work), changed: network.changed };
}

const programs = fc
  .record({
    worldSize: fc.integer({ min: 2, max: 5 }),
    length: fc.oneof(fc.nat(20), fc.nat(300)),
    chunkLength: fc.integer({ min: 1, max: 40 }),
    compression: fc.constantFrom(...compressions),
  })
  .chain((world) => {
    const seed = fc.nat(100);
    const ranges = fc.array(fc.nat(world.length), { maxLength: 3 }).map((cuts) => {
      const bounds = [0, ...cuts.sort((a, b) => a - b), world.length];
      return bounds.slice(1).map((end, i) => ({ begin: bounds[i]!, end }));
    });
    const operation: fc.Arbitrary<Operation> = fc.oneof(
      fc.record({ kind: fc.constant('all-reduce' as const), seed, ranges }),
      fc.record({ kind: fc.constantFrom('reduce-scatter' as const, 'all-gather' as const), seed }),
    );
    return fc.record({
      world: fc.constant(world),
      program: fc.array(operation, { minLength: 1, maxLength: 5 }),
      picks: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 50 }),
    });
  });

describe('a ring whose frames arrive late, in any order and more than once', () => {
  it('gives the bits that it gives in order, and never writes to what is still to be read', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async ({ world, program, picks }) => {
        const expected = await runAll(world, program, [0]);
        const { results, changed } = await runAll(world, program, picks);
        expect(changed + expected.changed).toBe(0);
        expect(results).toEqual(expected.results);
      }),
      { numRuns: 60 },
    );
  });
});

it('is found out when it writes to what was not read yet', async () => {
  // Three ranks, one of which has all elements: the second one needs nothing from the third, and may run ahead of it.
  const world = { worldSize: 3, length: 16, chunkLength: 16, compression: 'none' } as const;
  const program = [1, 2, 3, 4, 5, 6].map((seed) => ({ kind: 'all-gather', seed }) as const);
  const network = await LateNetwork.of(world);
  const work = network.rings.map((ring, rank) => runRank(ring, rank, program));
  // As if nobody waited for the next one's word.
  for (const core of network.cores) core.fromNext(frame(frameKinds.received, { operation: 100 }));
  // What rank 0 sends to rank 1 is held back.
  await network.run([work[2]!], [1, 1, 1]);
  await network.run(work, [0]);
  expect(network.changed).toBeGreaterThan(0);
});

describe('whom a ring waits for', () => {
  const world = { worldSize: 5, length: 80, chunkLength: 16, compression: 'none' } as const;
  const deadlineMs = 1_000;
  const ticksOfDeadline = 8;

  /** All but the absent begin; then everything that was sent arrives, again and again, between ticks. */
  async function standStill(absent: readonly number[], ticks: number) {
    const network = await LateNetwork.of(world, deadlineMs);
    const endings = network.rings.map((ring, rank) =>
      absent.includes(rank) ? null : ring.allReduce(1).then(String, (thrown) => thrown),
    );
    const settle = async () => {
      while (network.flights.length > 0) network.flights.shift()!.arrive();
      await new Promise(setImmediate);
    };
    for (let tick = 0; tick < ticks; tick++) {
      await settle();
      for (const each of network.ticks) each?.();
    }
    await settle();
    return { network, endings };
  }

  it.each([0, 2, 4])('is rank %d, for all others, at the deadline', async (absent) => {
    const { network, endings } = await standStill([absent], ticksOfDeadline - 1);
    const others = network.rings.filter((_, rank) => rank !== absent);
    for (const { waitingFor } of others) expect(waitingFor).toEqual([absent]);
    for (const tick of network.ticks) tick?.();
    for (const ending of endings) {
      if (ending === null) continue;
      expect(await ending).toMatchObject({ code: 'WORKER_LOST', ranks: [absent] });
    }
  });

  it('are those that did not come, if there are several', async () => {
    const { endings } = await standStill([1, 3], ticksOfDeadline);
    expect(await endings[2]).toMatchObject({ ranks: [1] });
    expect(await endings[0]).toMatchObject({ ranks: [3] });
    expect(await endings[4]).toMatchObject({ ranks: [3] });
  });

  it('is nobody while it has not all of its own ready', async () => {
    const network = await LateNetwork.of(world, deadlineMs);
    const [ring] = network.rings;
    const reason = new Error('given up');
    const ending = ring!.allReduce(1, {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    });
    for (let tick = 0; tick < 100; tick++) for (const each of network.ticks) each?.();
    expect(ring!.waitingFor).toEqual([]);
    ring!.abort(reason);
    await expect(ending).rejects.toBe(reason);
  });

  it('ends at the deadline when a frame got lost, too', async () => {
    const network = await LateNetwork.of(world, deadlineMs);
    network.loses = (from, { kind, slice }) =>
      from === 1 && kind === frameKinds.gather && slice === 0;
    const endings = network.rings.map((ring) => ring.allReduce(1).then(String, (thrown) => thrown));
    for (let tick = 0; tick <= ticksOfDeadline; tick++) {
      while (network.flights.length > 0) network.flights.shift()!.arrive();
      await new Promise(setImmediate);
      for (const each of network.ticks) each?.();
    }
    // Ranks 0 and 1 have everything, and rank 1 is the one that rank 2 waited for in vain.
    expect(await endings[2]).toMatchObject({ code: 'WORKER_LOST', ranks: [1] });
    expect(await endings[4]).toMatchObject({ code: 'WORKER_LOST', ranks: [1] });
  });
});

describe('what a ring does not expect', () => {
  const world = { worldSize: 2, length: 64, chunkLength: 16, compression: 'none' } as const;
  const right = { operation: 0, pass: 0, slice: 0, chunk: 0, begin: 0, bytes: 64 };

  it.each([
    ['a chunk of another length', { bytes: 60 }],
    ['a chunk that begins elsewhere', { begin: 16 }],
    ['a slice of nobody', { slice: 2 }],
    ['the slice that begins its way here', { slice: 1, begin: 32 }],
    ['a chunk too many', { chunk: 2 }],
    ['an operation too far ahead', { operation: 2 }],
    ['a chunk beyond the array', { operation: 1, begin: 49 }],
    ['a range of a number that there is not', { operation: 1, pass: 65_536 }],
  ])('%s is refused, with its sender', async (_, wrong) => {
    const { cores, rings } = await LateNetwork.of(world);
    const ending = rings[0]!.allReduce(1);
    expect(cores[0]!.place(frame(frameKinds.reduce, { ...right, ...wrong }))).toBeNull();
    await expect(ending).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining('rank 1 sent'),
    });
  });

  it('is not a chunk that came before, nor one of an operation that is over', async () => {
    const network = await LateNetwork.of(world);
    const operations = network.rings.map((ring) => ring.allReduce(1));
    const header = frame(frameKinds.reduce, right);
    expect(network.cores[0]!.place(header)).toHaveLength(64);
    await network.run(operations, [0]);
    expect(network.cores[0]!.place(header)).toBeNull();
    expect(network.cores[0]!.failed).toBeNull();
  });

  it('is more of an early operation than it has elements', async () => {
    const { cores } = await LateNetwork.of(world);
    const early = (begin: number, chunk: number) =>
      frame(frameKinds.reduce, { ...right, begin, chunk, bytes: 4 * (64 - begin) });
    for (const header of [early(0, 0), early(0, 0)]) {
      const place = cores[0]!.place(header);
      expect(place).toHaveLength(256);
      cores[0]!.fromPrevious(header, place);
    }
    expect(cores[0]!.place(early(1, 1))).toBeNull();
    expect(cores[0]!.failed).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
  });

  it('is another operation than its own', async () => {
    const network = await LateNetwork.of(world);
    const endings = [network.rings[0]!.allReduce(1), network.rings[1]!.allGather()];
    const settled = Promise.allSettled(endings);
    await expect(network.run(endings, [0])).rejects.toMatchObject({ code: 'PROTOCOL_VIOLATION' });
    for (const ring of network.rings) ring.abort(new Error('over'));
    await settled;
  });

  it.each([
    ['too few', [{ begin: 0, end: 32 }]],
    [
      'twice the same',
      [
        { begin: 0, end: 64 },
        { begin: 0, end: 64 },
      ],
    ],
    [
      'overlapping',
      [
        { begin: 0, end: 40 },
        { begin: 32, end: 56 },
      ],
    ],
  ])('are %s ranges', async (_, given) => {
    const { rings } = await LateNetwork.of(world);
    const ranges = async function* (): AsyncGenerator<Range> {
      yield* given;
    };
    await expect(rings[0]!.allReduce(1, ranges())).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
