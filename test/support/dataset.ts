import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, loadDataset, type Split } from '@lockstep/core/data';

/** An IDX file of unsigned bytes. */
function idxBytes(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
  return Buffer.concat([header, data]);
}

/**
 * The first images of real MNIST as a dataset of its own: small enough to train in seconds, and with other
 * bytes than the whole, so that a worker has to get its samples from the coordinator.
 */
export async function writeSubset(folder: string, train: number, test: number): Promise<string> {
  const dataset = await loadDataset({ name: 'mnist' });
  mkdirSync(folder, { recursive: true });
  writeSplit(folder, 'train', dataset, dataset.train, train);
  writeSplit(folder, 't10k', dataset, dataset.test, test);
  return folder;
}

function writeSplit(folder: string, name: string, dataset: Dataset, split: Split, size: number) {
  const [height, width] = dataset.description.imageShape;
  const images = split.images.subarray(0, size * height * width);
  writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idxBytes([size, height, width], images));
  writeFileSync(
    join(folder, `${name}-labels-idx1-ubyte`),
    idxBytes([size], split.labels.subarray(0, size)),
  );
}
