import { describe, expect, it } from 'vitest';
import type { DatasetDescription } from './dataset.js';
import { describeDataset } from './describe.js';
import { randomDataset } from './testData.suite.js';

const { train, test } = randomDataset(12, 6);
const hashOf = (
  imageShape: DatasetDescription['imageShape'],
  ...splits: [typeof train, typeof test]
) => describeDataset('any', imageShape, { train: splits[0], test: splits[1] }).description.hash;
const hash = hashOf([3, 2, 1], train, test);

const changed = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte));

describe('the description of a dataset', () => {
  it('says what a worker must know', () => {
    const labels = Uint8Array.from({ length: 6 }, (_none, index) => index + 10);
    const { description } = describeDataset('mine', [3, 2, 1], {
      train,
      test: { ...test, labels },
    });
    expect(description).toEqual({
      name: 'mine',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      trainSize: 12,
      validationSize: 0,
      testSize: 6,
      imageShape: [3, 2, 1],
      classes: 16,
    });
  });

  it('has the same hash under another name', () => {
    const renamed = describeDataset('other', [3, 2, 1], { train, test });
    expect(renamed.description.hash).toBe(hash);
  });

  it.each<[string, string]>([
    ['a train image', hashOf([3, 2, 1], { ...train, images: changed(train.images) }, test)],
    ['a train label', hashOf([3, 2, 1], { ...train, labels: changed(train.labels) }, test)],
    ['a test image', hashOf([3, 2, 1], train, { ...test, images: changed(test.images) })],
    ['a test label', hashOf([3, 2, 1], train, { ...test, labels: changed(test.labels) })],
    ['the shape, with the same bytes', hashOf([2, 3, 1], train, test)],
    ['the splits, swapped', hashOf([3, 2, 1], test, train)],
  ])('has another hash when a bit differs in %s', (_name, other) => {
    expect(other).not.toBe(hash);
  });
});
