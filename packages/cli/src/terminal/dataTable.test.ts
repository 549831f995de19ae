import { expect, it } from 'vitest';
import { dataTable } from './dataTable.js';

it('shows shapes, types, ranges, and the samples of each class', () => {
  const summary = (size: number, classCounts: number[]) =>
    ({
      images: { shape: [size, 28, 28, 1], dtype: 'uint8', range: [0, 255] as const },
      meanPixel: 33.318,
      labels: { shape: [size], dtype: 'uint8', range: [0, 1] as const },
      classCounts,
    }) as const;
  const description = {
    name: 'ones',
    hash: 'ab12',
    trainSize: 1_500,
    validationSize: 0,
    testSize: 3,
    imageShape: [28, 28, 1],
    classes: 2,
  } as const;
  const splits = { train: summary(1_500, [900, 1_600]), test: summary(3, [1, 2]) };
  expect(`${dataTable(description, splits).join('\n')}\n`).toBe(`ones: 2 classes, sha256 ab12

train images  (1500, 28, 28, 1) uint8, 0 to 255, mean 33.32; trained as float32, 0 to 1
train labels  (1500) uint8, 0 to 1

test images  (3, 28, 28, 1) uint8, 0 to 255, mean 33.32; trained as float32, 0 to 1
test labels  (3) uint8, 0 to 1

class  train  test
    0    900     1
    1  1,600     2
`);
});
