import { expect, test } from 'vitest';
import { chooseScalingCases, trainingImages } from './scalingCases.mjs';

test('by model, images and workers, on one host or two', () => {
  expect(chooseScalingCases('one', [])).toHaveLength(12);
  expect(chooseScalingCases('two', []).map(({ workers }) => workers)).toEqual([2, 2, 2, 2]);
  expect(chooseScalingCases('one', ['cnn:32:4'])).toMatchObject([
    { model: 'cnn', batch: 32, workers: 4 },
  ]);
  expect(chooseScalingCases('one', ['2'])).toHaveLength(4);
});

test.each([
  [1, 24 * 1024],
  [2, 24 * 2048],
  [4, 14 * 4096],
])('an epoch has whole steps, and no more than there are images: %d workers', (workers, images) => {
  expect(trainingImages({ steps: 24, batch: 1024, workers })).toBe(images);
});
