import type { Dataset } from '@lockstep/core/data';
import { expect, it } from 'vitest';
import { predictAll } from './predictAll.js';

const size = 1_200;
/** Images of a single pixel, which says which one it is, in part. */
const split = {
  size,
  images: Uint8Array.from({ length: size }, (_none, index) => index % 251),
  labels: new Uint8Array(size),
};
const dataset: Dataset = {
  description: {
    ...{ name: 'pixels', hash: 'a', trainSize: size, testSize: size },
    ...{ validationSize: 0, imageShape: [1, 1, 1], classes: 2 },
  },
  train: split,
  validation: { size: 0, images: new Uint8Array(0), labels: new Uint8Array(0) },
  test: split,
};
/** Gives each pixel back, and how far it is from 255. */
const model = {
  predict: async ({ images }: { images: Uint8Array }) =>
    Float32Array.from([...images].flatMap((pixel) => [pixel, 255 - pixel])),
};

it('asks for all images, in order', async () => {
  const predictions = await predictAll(model, dataset, 1_000, () => 0);
  expect(predictions).toMatchObject({ size, classes: 2 });
  const first = predictions.probabilities.filter((_value, place) => place % 2 === 0);
  expect([...first]).toEqual([...split.images]);
});

it('stops when there is no more time, after one batch at least', async () => {
  let time = 0;
  const clock = (): number => time++ * 10;
  expect((await predictAll(model, dataset, 0, clock)).size).toBe(500);
  time = 0;
  expect((await predictAll(model, dataset, 15, clock)).size).toBe(1_000);
});
