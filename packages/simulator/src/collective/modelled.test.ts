import { describe, expect, it } from 'vitest';
import type { NetworkDescription } from '../network/description.js';
import { plainNetwork as plain } from '../network/example.suite.js';
import { simulateAllReduce } from '../step/allReduce.js';
import type { Algorithm } from './algorithm.js';

const floatBytes = 4;
const length = 1_048_576;
const bytes = length * floatBytes;
/** Ranks add 8 GB/s, and see each other's flags after 5 us. */
const withHosts = (ranks: number): NetworkDescription => ({
  ...plain,
  host: { ...plain.host, ranks, signalMicroseconds: 5, memoryGigabytesPerSecond: 100 },
  processor: { ...plain.processor, addGigabytesPerSecond: 8 },
});

/** When the last rank has the sum; seconds. */
async function reduceTime(network: NetworkDescription, ranks: number, allReduce: Algorithm) {
  const options = { ranks, allReduce, compression: 'none', length } as const;
  return (await simulateAllReduce(network, options)).last;
}

const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) });

describe('shared memory', () => {
  it.each([2, 4, 8])('is added up by all at once, at %i ranks', async (ranks) => {
    const adding = bytes / 8e9;
    const memory = ((ranks + 1) * bytes) / 100e9;
    const taken = await reduceTime(withHosts(ranks), ranks, 'shared-memory');
    expect(taken).toBeCloseTo(Math.max(adding, memory) + 3 * 5e-6, 6);
  });

  it('is no faster than the memory', async () => {
    const slow = { ...withHosts(4), host: { ...withHosts(4).host, memoryGigabytesPerSecond: 2 } };
    expect(await reduceTime(slow, 4, 'shared-memory')).toBeCloseTo((5 * bytes) / 2e9 + 3 * 5e-6, 6);
  });

  it('is for one host', async () => {
    await expect(reduceTime(withHosts(2), 4, 'shared-memory')).rejects.toThrow(refused(/2 hosts/));
  });
});

describe('the hierarchy', () => {
  it('is shared memory and then a ring of the hosts', async () => {
    const ring = await reduceTime(withHosts(1), 8, 'ring');
    const weighing = bytes / 8 / 8e9; // Where nothing was added up before.
    const shared = await reduceTime(withHosts(4), 4, 'shared-memory');
    const taken = await reduceTime(withHosts(4), 32, 'hierarchical');
    expect(taken).toBeCloseTo(shared + ring - weighing, 4);
  });

  it('is the ring where each host has one rank, and shared memory where there is one host', async () => {
    const ring = await reduceTime(withHosts(1), 8, 'ring');
    expect((await reduceTime(withHosts(1), 8, 'hierarchical')) / ring).toBeCloseTo(1, 1);
    const shared = await reduceTime(withHosts(8), 8, 'shared-memory');
    expect(await reduceTime(withHosts(8), 8, 'hierarchical')).toBe(shared);
  });
});

describe('halving and doubling', () => {
  it.each([2, 4, 16, 64])(
    'takes 2 log2(n) latencies and twice the array, at %i ranks',
    async (ranks) => {
      const expected = 2 * Math.log2(ranks) * 100e-6 + ((2 * (ranks - 1)) / ranks) * (bytes / 1e9);
      const taken = await reduceTime(plain, ranks, 'halving-doubling');
      expect(taken / expected).toBeCloseTo(1, 2);
    },
  );

  it('is for powers of two', async () => {
    await expect(reduceTime(plain, 6, 'halving-doubling')).rejects.toThrow(refused(/not for 6/));
  });
});
