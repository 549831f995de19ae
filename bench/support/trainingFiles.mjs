import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset } from '@lockstep/core/data';
import { temporaryFolder } from './temporaryFolder.mjs';

/**
 * MNIST's files, unpacked, in a new folder, for programs that cannot ask our data room.
 *
 * @param most training images at most: the first ones
 */
export async function writeTrainingFiles(most = Number.POSITIVE_INFINITY) {
  const { description, train, test } = await loadDataset({ name: 'mnist' });
  const folder = temporaryFolder();
  const [height, width] = description.imageShape;
  const write = (name, dimensions, bytes) =>
    writeFileSync(join(folder, name), Buffer.concat([idxHeader(dimensions), bytes]));
  const splits = [
    { name: 'train', samples: train, size: Math.min(most, train.size) },
    { name: 't10k', samples: test, size: test.size },
  ];
  for (const { name, samples, size } of splits) {
    const images = samples.images.subarray(0, size * height * width);
    write(`${name}-images-idx3-ubyte`, [size, height, width], images);
    write(`${name}-labels-idx1-ubyte`, [size], samples.labels.subarray(0, size));
  }
  return folder;
}

/** Two zeros, 8 for uint8, the number of dimensions, then each as a big-endian uint32. */
function idxHeader(dimensions) {
  const header = Buffer.from([
    0,
    0,
    8,
    dimensions.length,
    ...new Array(4 * dimensions.length).fill(0),
  ]);
  dimensions.forEach((dimension, index) => {
    header.writeUInt32BE(dimension, 4 + 4 * index);
  });
  return header;
}
