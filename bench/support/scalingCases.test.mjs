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

test('an epoch has whole steps, and no less than one', () => {
  for (const each of chooseScalingCases('one', [])) {
    const images = trainingImages(each);
    expect(images % (each.batch * each.workers)).toBe(0);
    expect(images).toBeGreaterThan(0);
  }
});
