import { describe, expect, it } from 'vitest';
import { gather } from '../batch.js';
import { permutation } from '../permutation.js';
import { randomDataset } from '../testData.suite.js';
import { withValidation } from '../validationSplit.js';
import { LocalSamples } from './localSamples.js';

const dataset = randomDataset(40, 20);
const imageSize = 6;

describe('LocalSamples', () => {
  it('trains in the order of the epoch, whichever epoch was asked for before', async () => {
    const samples = new LocalSamples(dataset, 5);
    for (const epoch of [0, 1, 1, 0]) {
      const rows = permutation(5, epoch, 40).subarray(10, 17);
      const batch = await samples.train(epoch, { begin: 10, end: 17 });
      expect(batch).toEqual(gather(dataset.train, imageSize, rows));
    }
  });

  it('keeps runs with other seeds over the same dataset apart', async () => {
    const range = { begin: 0, end: 40 };
    const batches = [];
    for (const seed of [1, 2, 1])
      batches.push(await new LocalSamples(dataset, seed).train(3, range));
    expect(batches[0]).toEqual(batches[2]);
    expect(batches[0]).not.toEqual(batches[1]);
  });

  it('tests in natural order', async () => {
    const batch = await new LocalSamples(dataset, 5).evaluation('test', { begin: 3, end: 9 });
    expect(batch).toEqual(gather(dataset.test, imageSize, { begin: 3, end: 9 }));
  });

  it('validates in natural order, and trains on the others alone', async () => {
    const split = withValidation(dataset, 10);
    const samples = new LocalSamples(split, 5);
    const rest = gather(dataset.train, imageSize, { begin: 30, end: 40 });
    expect(await samples.evaluation('validation', { begin: 0, end: 10 })).toEqual(rest);
    const rows = permutation(5, 2, 30);
    const epoch = await samples.train(2, { begin: 0, end: 30 });
    expect(epoch).toEqual(gather(dataset.train, imageSize, rows));
  });

  it('refuses what the splits do not have', async () => {
    const samples = new LocalSamples(dataset, 5);
    await expect(samples.train(0, { begin: 39, end: 41 })).rejects.toThrow('0..40');
    await expect(samples.evaluation('test', { begin: 20, end: 21 })).rejects.toThrow('0..20');
  });
});
