import { expect, it } from 'vitest';
import type { NetworkDescription } from '../network/description.js';
import { plainNetwork as plain } from '../network/example.suite.js';
import { Network } from '../network/network.js';
import { VirtualTime } from '../time/virtualTime.js';
import { averagedBytes, contributionBytes } from './barrierMessages.js';
import { makeWorld } from './world.js';

const floatBytes = 4;

/** One step of ranks that all come at 0. @returns when each is told to go on; seconds */
async function releases(network: NetworkDescription, ranks: number, length: number) {
  const clock = new VirtualTime();
  const virtual = new Network(clock, network, { ranks, seed: 1 });
  const options = { ranks, allReduce: 'star', compression: 'none', length, isReal: false } as const;
  const { ranks: all } = await makeWorld(virtual, options);
  const times = all.map(async ({ average, endpoint, gradient }) => {
    const part = { step: 0, samples: 1, globalSamples: ranks, metrics: {}, reports: true };
    await average({ ...part, gradient: gradient() });
    return endpoint.core.time;
  });
  await clock.run();
  return await Promise.all(times);
}

it.each([1, 2, 8, 64])(
  'takes %i gradients in one by one, averages them, and gives as many back',
  async (ranks) => {
    const coordinator = { ...plain.coordinator, averageGigabytesPerSecond: 2 };
    const length = 250_000;
    const times = await releases({ ...plain, coordinator }, ranks, length);
    const bytes = length * floatBytes;
    const comesIn = 100e-6 + (ranks * (bytes + contributionBytes(1))) / 1e9;
    const averaged = comesIn + (ranks * bytes) / 2e9;
    for (const [rank, time] of times.entries()) {
      const goesOut = 100e-6 + ((rank + 1) * (bytes + averagedBytes())) / 1e9;
      expect(time).toBeCloseTo(averaged + goesOut, 7);
    }
  },
);

it('takes its time for each rank, and for each rank as often as there are ranks', async () => {
  const coordinator = {
    ...plain.coordinator,
    contributionMicroseconds: 20,
    contributionNanosecondsPerRank: 100,
  };
  const processor = { ...plain.processor, sendMicroseconds: 5, receiveMicroseconds: 7 };
  const ranks = 100;
  const times = await releases({ ...plain, coordinator, processor }, ranks, 0);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  // What comes, comes while it reads: only the first one is waited for.
  const way = 100e-6 + contributionBytes(1) / 1e9;
  const reading = ranks * (7e-6 + 20e-6 + ranks * 100e-9);
  const back = 5e-6 + 100e-6 + averagedBytes() / 1e9 + 7e-6;
  expect(first).toBeCloseTo(5e-6 + way + reading + back, 7);
  expect(last).toBeCloseTo(first + (ranks - 1) * 5e-6, 7);
});
