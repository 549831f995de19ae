import type { Dataset, DatasetDescription, Split } from './dataset.js';

/** What an array is: its shape, the type of its elements, the least and the largest of them. */
interface ArraySummary {
  readonly shape: readonly number[];
  readonly dtype: 'uint8';
  readonly range: readonly [least: number, largest: number];
}

/** What there is in a split. */
export interface SplitSummary {
  readonly images: ArraySummary;
  /** Of all pixels; what the engines see is a 255th of it. */
  readonly meanPixel: number;
  readonly labels: ArraySummary;
  /** Samples by label. */
  readonly classCounts: readonly number[];
}

/** What a person looks at before training: for each split that has samples. */
export function inspectDataset(dataset: Dataset): Record<string, SplitSummary> {
  const { description, train, validation, test } = dataset;
  const there = Object.entries({ train, validation, test }).filter(([, { size }]) => size > 0);
  return Object.fromEntries(there.map(([name, split]) => [name, inspectSplit(split, description)]));
}

function inspectSplit(
  { size, images, labels }: Split,
  { imageShape, classes }: DatasetDescription,
): SplitSummary {
  const classCounts = new Array<number>(classes).fill(0);
  for (const label of labels) classCounts[label]! += 1;
  return {
    images: summarise(images, [size, ...imageShape]),
    meanPixel: images.reduce((sum, pixel) => sum + pixel, 0) / images.length,
    labels: summarise(labels, [size]),
    classCounts,
  };
}

function summarise(values: Uint8Array, shape: readonly number[]): ArraySummary {
  let [least, largest] = [255, 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return { shape, dtype: 'uint8', range: [least, largest] };
}
