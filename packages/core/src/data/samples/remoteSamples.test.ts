import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBatch } from '../batch.js';
import type { Batch, Range } from '../dataset.js';
import { rangeLength } from '../range.js';
import { globalSlice, rankSlice } from '../shard.js';
import { randomDataset } from '../testData.suite.js';
import { type ChunkRequest, chunkFor } from './chunk.js';
import { LocalSamples } from './localSamples.js';
import { RemoteSamples } from './remoteSamples.js';

const trainSize = 500;
const dataset = randomDataset(trainSize, 90);
const { description } = dataset;
const seed = 11;
const local = new LocalSamples(dataset, seed);
const range = (begin: number, end: number): Range => ({ begin, end });

/** A worker without a dataset, and what it asks the coordinator for. */
function remoteWith(chunkSamples: number, change: (batch: Batch) => Batch = (batch) => batch) {
  const requests: ChunkRequest[] = [];
  const samples = new RemoteSamples({
    description,
    chunkSamples,
    fetchChunk: async (request) => {
      requests.push(request);
      return change(chunkFor(dataset, seed, request));
    },
  });
  return { samples, requests, asked: () => requests.map((request) => request.ranges) };
}

/** Lets everything that was started and needs no I/O come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('RemoteSamples over chunkFor', () => {
  const anyRange = fc
    .tuple(fc.nat(trainSize), fc.nat(trainSize))
    .map(([a, b]) => range(Math.min(a, b), Math.max(a, b)));
  const usage = fc.record({
    chunkSamples: fc.integer({ min: 1, max: 200 }),
    planned: fc.array(anyRange, { maxLength: 8 }),
    epoch: fc.nat(3),
    // Which are asked for: planned ones in any order, again and again, and others, in any epoch.
    asked: fc.array(fc.tuple(fc.oneof(fc.nat(7), anyRange), fc.nat(3)), { maxLength: 12 }),
  });

  it('gives the bytes that LocalSamples gives, whatever was planned and whatever is asked', async () => {
    await fc.assert(
      fc.asyncProperty(usage, async ({ chunkSamples, planned, epoch, asked }) => {
        const { samples, requests } = remoteWith(chunkSamples);
        samples.plan(epoch, planned);
        for (const planning of planned) {
          expect(await samples.train(epoch, planning)).toEqual(await local.train(epoch, planning));
        }
        for (const [which, otherEpoch] of asked) {
          const wanted = typeof which === 'number' ? planned[which] : which;
          if (wanted === undefined) continue;
          expect(await samples.train(otherEpoch, wanted)).toEqual(
            await local.train(otherEpoch, wanted),
          );
        }
        for (const { ranges } of requests) {
          const size = ranges.reduce((sum, asking) => sum + rangeLength(asking), 0);
          expect(size).toBeLessThanOrEqual(chunkSamples);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gives the test split', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(90), fc.integer({ min: 1, max: 99 }), async (end, chunkSamples) => {
        const { samples } = remoteWith(chunkSamples);
        expect(await samples.evaluation('test', range(0, end))).toEqual(
          await local.evaluation('test', range(0, end)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('asks for each sample of a planned epoch once', async () => {
    const { samples, requests } = remoteWith(64);
    const ranges: Range[] = [];
    for (let position = 0; position < trainSize; ) {
      const slice = globalSlice(position, trainSize, 48);
      ranges.push(rankSlice(slice, 1, 3));
      position = slice.end;
    }
    samples.plan(2, ranges);
    for (const planned of ranges) await samples.train(2, planned);
    expect(requests.flatMap((request) => request.ranges)).toEqual(ranges);
    expect(requests).toHaveLength(Math.ceil(ranges.length / 4));
  });
});

describe('fetching ahead', () => {
  const ranges = [range(0, 10), range(20, 30), range(40, 50), range(60, 70), range(80, 90)];
  const [first, second, third] = [ranges.slice(0, 2), ranges.slice(2, 4), ranges.slice(4)];

  it('fetches the first chunk when planned, and the next one while a chunk is used', async () => {
    const { samples, asked } = remoteWith(20);
    samples.plan(0, ranges);
    await settle();
    expect(asked()).toEqual([first]);
    await samples.train(0, ranges[0]!);
    expect(asked()).toEqual([first, second]);
    await samples.train(0, ranges[1]!);
    expect(asked()).toEqual([first, second]);
    await samples.train(0, ranges[2]!);
    expect(asked()).toEqual([first, second, third]);
    // A step that is done again finds its samples still there.
    await samples.train(0, ranges[2]!);
    await samples.train(0, ranges[4]!);
    expect(asked()).toEqual([first, second, third]);
  });

  it('replaces the plan by a new one', async () => {
    const { samples, asked } = remoteWith(20);
    samples.plan(0, ranges);
    await samples.train(0, ranges[0]!);
    const rest = [range(10, 15), range(30, 35)];
    samples.plan(0, rest);
    await samples.train(0, rest[0]!);
    await samples.train(0, rest[1]!);
    expect(asked()).toEqual([first, second, rest]);
  });

  it('fetches a range that was not planned on its own', async () => {
    const { samples, asked } = remoteWith(20);
    samples.plan(0, ranges);
    await samples.train(0, range(5, 6));
    expect(asked()).toEqual([first, [range(5, 6)]]);
  });

  it('asks for nothing where there is nothing to do', async () => {
    const { samples, asked } = remoteWith(20);
    samples.plan(0, [range(3, 3)]);
    expect(await samples.train(0, range(3, 3))).toEqual(emptyBatch);
    expect(await samples.evaluation('test', range(0, 0))).toEqual(emptyBatch);
    expect(asked()).toEqual([]);
  });

  it('asks for fewer samples at a time where images are large', async () => {
    const requests: ChunkRequest[] = [];
    const samples = new RemoteSamples({
      description: { ...description, imageShape: [8192, 8192, 1] },
      fetchChunk: async (request) => {
        requests.push(request);
        throw new Error('not needed');
      },
    });
    // Two images of 64 MiB are all that fits into a chunk.
    await expect(samples.train(0, range(0, 5))).rejects.toThrow('not needed');
    expect(requests[0]!.ranges).toEqual([range(0, 2)]);
  });
});

describe('failures', () => {
  it('reports a chunk that did not come, and asks again when asked again', async () => {
    let failures = 2;
    const samples = new RemoteSamples({
      description,
      fetchChunk: async (request) => {
        if (failures > 0) {
          failures -= 1;
          throw new Error('the line is cut');
        }
        return chunkFor(dataset, seed, request);
      },
    });
    samples.plan(0, [range(0, 5)]);
    // Nobody waits for the first chunk yet: its failure must not end the process.
    await settle();
    await expect(samples.train(0, range(0, 5))).rejects.toThrow('the line is cut');
    expect(await samples.train(0, range(0, 5))).toEqual(await local.train(0, range(0, 5)));
  });

  it.each<[string, (batch: Batch) => Batch, string]>([
    [
      'too few samples',
      ({ size, ...rest }) => ({ size: size - 1, ...rest }),
      'sent 4 samples, 5 labels and 30 bytes of images for 5 samples of 6 bytes',
    ],
    ['too few labels', (batch) => ({ ...batch, labels: batch.labels.subarray(1) }), '4 labels'],
    ['too few bytes', (batch) => ({ ...batch, images: batch.images.subarray(1) }), '29 bytes'],
    [
      'a label that is none',
      (batch) => ({ ...batch, labels: batch.labels.fill(10) }),
      'a label 10',
    ],
  ])('refuses a chunk with %s', async (_name, change, message) => {
    const { samples } = remoteWith(20, change);
    await expect(samples.train(0, range(0, 5))).rejects.toMatchObject({
      code: 'PROTOCOL_VIOLATION',
      message: expect.stringContaining(message),
    });
  });

  it('refuses ranges that the splits do not have, without asking', async () => {
    const { samples, asked } = remoteWith(20);
    await expect(samples.train(0, range(0, trainSize + 1))).rejects.toThrow('0..500');
    await expect(samples.evaluation('test', range(5, 4))).rejects.toThrow('0..90');
    expect(asked()).toEqual([]);
  });
});
