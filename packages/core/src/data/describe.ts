import { canonicalJson, sha256 } from '../hash.js';
import type { Dataset, DatasetDescription, Split } from './dataset.js';

/** Completes a dataset with its description. Both splits have images of the same shape. */
export function describeDataset(
  name: string,
  imageShape: DatasetDescription['imageShape'],
  splits: { readonly train: Split; readonly test: Split },
): Dataset {
  const { train, test } = splits;
  return {
    description: {
      name,
      hash: hashOf(imageShape, train, test),
      trainSize: train.size,
      validationSize: 0,
      testSize: test.size,
      imageShape,
      classes: 1 + Math.max(highest(train.labels), highest(test.labels)),
    },
    train,
    validation: { size: 0, images: new Uint8Array(0), labels: new Uint8Array(0) },
    test,
  };
}

/**
 * sha256 over the shapes and the raw bytes. The shapes stand in front, so that no two datasets are the
 * same bytes; the name is left out, so that a copy in another place is the same dataset.
 */
function hashOf(imageShape: DatasetDescription['imageShape'], train: Split, test: Split): string {
  const shapes = { train: [train.size, ...imageShape], test: [test.size, ...imageShape] };
  return sha256(canonicalJson(shapes), train.images, train.labels, test.images, test.labels);
}

function highest(labels: Uint8Array): number {
  return labels.reduce((most, label) => Math.max(most, label), 0);
}
