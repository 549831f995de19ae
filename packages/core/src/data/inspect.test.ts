import { expect, it } from 'vitest';
import { describeDataset } from './describe.js';
import { inspectDataset } from './inspect.js';
import { withValidation } from './validationSplit.js';

const dataset = describeDataset('tiny', [1, 2, 1], {
  train: { size: 3, images: Uint8Array.of(9, 20, 30, 255, 5, 5), labels: Uint8Array.of(0, 2, 2) },
  test: { size: 1, images: Uint8Array.of(7, 8), labels: Uint8Array.of(3) },
});

it('says shapes, types, ranges, and how many samples each class has', () => {
  expect(inspectDataset(dataset)).toEqual({
    train: {
      images: { shape: [3, 1, 2, 1], dtype: 'uint8', range: [5, 255] },
      meanPixel: 54,
      labels: { shape: [3], dtype: 'uint8', range: [0, 2] },
      classCounts: [1, 0, 2, 0],
    },
    test: {
      images: { shape: [1, 1, 2, 1], dtype: 'uint8', range: [7, 8] },
      meanPixel: 7.5,
      labels: { shape: [1], dtype: 'uint8', range: [3, 3] },
      classCounts: [0, 0, 0, 1],
    },
  });
});

it('says it of the validation split, too, where there is one', () => {
  const { train, validation } = inspectDataset(withValidation(dataset, 1));
  expect(train!.classCounts).toEqual([1, 0, 1, 0]);
  expect(validation!.classCounts).toEqual([0, 0, 1, 0]);
});
