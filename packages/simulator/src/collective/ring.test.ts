import { Random } from '@lockstep/core/data';
import { ringChunkLength } from '@lockstep/core/reducer';
import { describe, expect, it } from 'vitest';
import type { NetworkDescription } from '../network/description.js';
import { plainNetwork as plain } from '../network/example.suite.js';
import { Network } from '../network/network.js';
import { simulateAllReduce } from '../step/allReduce.js';
import { VirtualTime } from '../time/virtualTime.js';
import { analyticRing } from './analyticRing.js';
import { makeWorld, type WorldOptions } from './world.js';

const floatBytes = 4;
const chunkBytes = ringChunkLength * floatBytes;
/** A network on which everything costs something. */
const busy: NetworkDescription = {
  ...plain,
  processor: {
    ...plain.processor,
    sendMicroseconds: 8,
    receiveMicroseconds: 12,
    copyGigabytesPerSecond: 5,
    addGigabytesPerSecond: 10,
  },
};

/** When the last rank has the sum; seconds. */
async function reduceTime(network: NetworkDescription, ranks: number, length: number) {
  const options = { ranks, allReduce: 'ring', compression: 'none', length } as const;
  return (await simulateAllReduce(network, options)).last;
}

const usual = ({ link }: NetworkDescription, ranks: number, bytes: number): number => {
  const hops = 2 * (ranks - 1);
  const bandwidth = (link.gigabitsPerSecond * 1e9) / 8;
  return (hops / ranks) * (bytes / bandwidth) + hops * link.latencyMicroseconds * 1e-6;
};

describe('the ring on a virtual network', () => {
  it.each([2, 3, 4, 8, 16, 33, 64])('takes what arithmetic says, at %i ranks', async (ranks) => {
    for (const network of [plain, busy]) {
      for (const length of [16 * ranks, 693_962, 3_274_634, 25_000_000]) {
        const expected = analyticRing(network, { ranks, bytes: length * floatBytes, chunkBytes });
        const taken = await reduceTime(network, ranks, length);
        expect(taken / expected).toBeGreaterThan(0.95);
        expect(taken / expected).toBeLessThan(1.05);
      }
    }
  });

  it.each([2, 8, 64])(
    'takes 2 (n - 1) latencies and twice the array, at %i ranks',
    async (ranks) => {
      const large = 25_000_000;
      const ratio =
        (await reduceTime(plain, ranks, large)) / usual(plain, ranks, large * floatBytes);
      // Latency hides behind slices of several chunks.
      expect(ratio).toBeGreaterThan(0.93);
      expect(ratio).toBeLessThan(1.02);
      // Slices of one line, with a frame's header: next to nothing but latency.
      const small = await reduceTime(plain, ranks, 16 * ranks);
      expect(small).toBeGreaterThan(usual(plain, ranks, 64 * ranks));
      expect(small).toBeLessThan(usual(plain, ranks, 100 * ranks));
    },
  );

  it('goes at the pace of a slow rank', async () => {
    const [ranks, times] = [8, 20];
    const slow = { ...busy, slow: [{ ranks: [3], times }] };
    const length = 16 * ranks * 1000;
    const slice = (length / ranks) * floatBytes;
    const hop = times * (8e-6 + 12e-6 + (2 * slice) / 5e9);
    const add = (times * slice) / 10e9;
    const expected = 2 * (ranks - 1) * hop + (ranks - 1) * add;
    const taken = await reduceTime(slow, ranks, length);
    expect(taken / expected).toBeGreaterThan(0.97);
    expect(taken / expected).toBeLessThan(1.1);
    expect(taken).toBeGreaterThan(4 * (await reduceTime(busy, ranks, length)));
  });
});

describe('what ranks on a virtual network add up', () => {
  const random = Random.from('gradients', 1);
  const gradients = Array.from({ length: 6 }, () =>
    Float32Array.from({ length: 1000 }, () => random.float() - 0.5),
  );
  const shaky = {
    ...busy,
    link: { ...busy.link, jitter: { distribution: 'exponential', microseconds: 500 } },
  } as const;

  /** Three steps. @returns the average that each rank has after the last one */
  async function averages(options: Omit<WorldOptions, 'isReal'>, seed: number) {
    const { ranks, length } = options;
    const clock = new VirtualTime();
    const network = new Network(clock, shaky, { ranks, seed });
    const world = await makeWorld(network, { ...options, isReal: true });
    const results = world.ranks.map(async ({ rank, average, gradient }) => {
      let last = new Float32Array(0);
      for (const step of [0, 1, 2]) {
        const own = gradient();
        for (let i = 0; i < length; i++) own[i] = gradients[rank]![i]! * (step + 1);
        const part = { step, samples: rank + 1, globalSamples: (ranks * (ranks + 1)) / 2 };
        last = (
          await average({ ...part, metrics: {}, reports: true, gradient: own })
        ).gradient.slice();
      }
      return last;
    });
    await clock.run();
    return await Promise.all(results);
  }

  const worlds = (['star', 'ring'] as const).flatMap((allReduce) =>
    [2, 3, 6].flatMap((ranks) =>
      [0, 5, 1000].map((length): [string, Omit<WorldOptions, 'isReal'>] => [
        `${allReduce} of ${ranks} ranks, ${length} elements`,
        { allReduce, ranks, length, compression: 'none' },
      ]),
    ),
  );

  it.each(worlds)(
    '%s: the average, the same bits on all, whatever the timing',
    async (_, options) => {
      const { ranks, length } = options;
      const [first, ...others] = await averages(options, 1);
      for (const other of others) expect(other).toEqual(first);
      const total = (ranks * (ranks + 1)) / 2;
      for (let i = 0; i < length; i++) {
        const sum = gradients
          .slice(0, ranks)
          .reduce((before, gradient, rank) => before + 3 * gradient[i]! * (rank + 1), 0);
        expect(first![i]).toBeCloseTo(sum / total, 5);
      }
      expect((await averages(options, 2))[0]).toEqual(first);
    },
  );
});
