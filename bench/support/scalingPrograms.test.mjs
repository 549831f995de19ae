import { expect, test } from 'vitest';
import { rateOf } from './scalingPrograms.mjs';

test('images of all workers by the time of the slowest', () => {
  const answers = [
    { steps: 10, milliseconds: 800 },
    { steps: 10, milliseconds: 1000 },
  ];
  expect(rateOf(answers, { batch: 32, workers: 2 })).toEqual({ imagesPerSecond: 640 });
});
