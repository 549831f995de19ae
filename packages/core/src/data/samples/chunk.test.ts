import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather } from '../batch.js';
import type { Dataset } from '../dataset.js';
import { permutation } from '../permutation.js';
import { randomDataset } from '../testData.suite.js';
import { type ChunkRequest, chunkFor, maximumChunkSamples } from './chunk.js';

const dataset = randomDataset(60, 30);
const imageSize = 6;
const rangesIn = (size: number) =>
  fc.array(
    fc
      .tuple(fc.nat(size), fc.nat(size))
      .map(([a, b]) => ({ begin: Math.min(a, b), end: Math.max(a, b) })),
    { maxLength: 6 },
  );
const positions = (ranges: ChunkRequest['ranges']) =>
  ranges.flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_none, i) => begin + i));

describe('chunkFor', () => {
  it('gives training samples in the order of the epoch, one range after another', () => {
    fc.assert(
      fc.property(rangesIn(60), fc.nat(5), fc.nat(5), (ranges, epoch, seed) => {
        const order = permutation(seed, epoch, 60);
        const rows = Uint32Array.from(positions(ranges), (position) => order[position]!);
        const chunk = chunkFor(dataset, seed, { split: 'train', epoch, ranges });
        expect(chunk).toEqual(gather(dataset.train, imageSize, rows));
      }),
    );
  });

  it('gives test samples as they lie', () => {
    fc.assert(
      fc.property(rangesIn(30), (ranges) => {
        const chunk = chunkFor(dataset, 1, { split: 'test', epoch: null, ranges });
        const rows = Uint32Array.from(positions(ranges));
        expect(chunk).toEqual(gather(dataset.test, imageSize, rows));
      }),
    );
  });

  it.each<[string, ChunkRequest]>([
    ['after the end', { split: 'train', epoch: 0, ranges: [{ begin: 0, end: 61 }] }],
    ['before the begin', { split: 'train', epoch: 0, ranges: [{ begin: -1, end: 3 }] }],
    ['backwards', { split: 'test', epoch: null, ranges: [{ begin: 3, end: 2 }] }],
    ['not of integers', { split: 'test', epoch: null, ranges: [{ begin: 0, end: Number.NaN }] }],
    ['of the test split in an epoch', { split: 'test', epoch: 0, ranges: [] }],
    ['of the train split in no epoch', { split: 'train', epoch: null, ranges: [] }],
    ['of the train split in half an epoch', { split: 'train', epoch: 0.5, ranges: [] }],
    ['of the train split before the start', { split: 'train', epoch: -1, ranges: [] }],
  ])('refuses a range %s', (_name, request) => {
    expect(() => chunkFor(dataset, 1, request)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
    );
  });

  it('refuses more samples than a chunk may have, also when they are asked for twice', () => {
    const ranges = new Array(1_093).fill({ begin: 0, end: 60 });
    const most = chunkFor(dataset, 1, { split: 'train', epoch: 0, ranges: ranges.slice(1) });
    expect(most.size).toBe(65_520);
    expect(() => chunkFor(dataset, 1, { split: 'train', epoch: 0, ranges })).toThrow(
      `asked for 65580 samples at once; the most is ${maximumChunkSamples}`,
    );
  });

  it('refuses more bytes than fit into a message', () => {
    const images = new Uint8Array(2 ** 20);
    const split = { size: 1, images, labels: Uint8Array.of(0) };
    const imageShape = [1024, 1024, 1] as const;
    const large: Dataset = {
      description: { ...dataset.description, imageShape },
      train: split,
      validation: split,
      test: split,
    };
    const ranges = new Array(129).fill({ begin: 0, end: 1 });
    expect(() => chunkFor(large, 1, { split: 'test', epoch: null, ranges })).toThrow(
      'asked for 135266304 bytes at once; the most is 134217728',
    );
  });
});
