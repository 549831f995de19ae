import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DatasetArrays, datasetFromArrays } from './arrays.js';

const imageShape = [1, 2, 1] as const;
const good: DatasetArrays = {
  imageShape,
  train: { images: Float32Array.of(0, 1, 0.5, 0.2), labels: [0, 2] },
  test: { images: Uint8Array.of(3, 4), labels: Uint8Array.of(1) },
};

it('describes arrays as it does files, and keeps bytes', () => {
  const { description, train, test } = datasetFromArrays(good);
  expect(description).toMatchObject({ name: 'arrays', trainSize: 2, testSize: 1, classes: 3 });
  expect(train.images).toEqual(Uint8Array.of(0, 255, 128, 51));
  expect(train.labels).toEqual(Uint8Array.of(0, 2));
  expect(test.images).toEqual(Uint8Array.of(3, 4));
});

it('gives the byte back that a float was made from', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 40 }), (bytes) => {
      const even = bytes.subarray(0, bytes.length - (bytes.length % 2));
      const labels = new Uint8Array(even.length / 2);
      const floats = Float32Array.from(even, (byte) => byte / 255);
      const from = (images: Uint8Array | Float32Array) =>
        datasetFromArrays({ ...good, train: { images, labels } }).train.images;
      expect(from(floats)).toEqual(from(even));
    }),
  );
});

describe('refuses, naming split and sample,', () => {
  const train = (images: number[], labels: ArrayLike<number>) => ({
    ...good,
    train: { images: Float32Array.from(images), labels },
  });
  it.each<[string, DatasetArrays, RegExp]>([
    ['NaN', train([0, 0, 0, Number.NaN], [0, 1]), /train: sample 1 has a pixel of NaN/],
    ['pixels beyond 1', train([0, 255, 0, 0], [0, 1]), /train: sample 0 has a pixel of 255/],
    ['negative pixels', train([0, 0, -0.5, 0], [0, 1]), /train: sample 1 has a pixel of -0\.5/],
    ['negative labels', train([0, 0, 0, 0], [0, -1]), /train: sample 1 has the label -1/],
    ['labels beyond a byte', train([0, 0, 0, 0], [256, 1]), /train: sample 0 has the label 256/],
    ['labels that are no classes', train([0, 0, 0, 0], [0, 0.5]), /sample 1 has the label 0\.5/],
    ['labels that are NaN', train([0, 0, 0, 0], [0, Number.NaN]), /sample 1 has the label NaN/],
    ['too few pixels', train([0, 0, 0], [0, 1]), /train: 3 pixels for 2 labels/],
    ['no samples', train([], []), /train: 0 pixels for 0 labels/],
    ['a shape that is none', { ...good, imageShape: [0, 2, 1] }, /^imageShape\.0 of the dataset: /],
    ['no shape', { ...good, imageShape: undefined as never }, /^imageShape of the dataset: /],
    [
      'images that are no array of bytes or floats',
      { ...good, test: { images: [] } as never },
      /^test\.images of the dataset: /,
    ],
  ])('%s', (_what, arrays, message) => {
    expect(() => datasetFromArrays(arrays)).toThrow(
      expect.objectContaining({ code: 'DATA_CORRUPT', message: expect.stringMatching(message) }),
    );
  });
});
