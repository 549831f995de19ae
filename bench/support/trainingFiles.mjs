import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset } from '@lockstep/core/data';

/** MNIST's training files, unpacked, in a new folder, for programs that cannot ask our data room. */
export async function writeTrainingFiles() {
  const { description, train } = await loadDataset({ name: 'mnist' });
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const [height, width] = description.imageShape;
  const write = (name, dimensions, bytes) =>
    writeFileSync(join(folder, name), Buffer.concat([idxHeader(dimensions), bytes]));
  write('train-images-idx3-ubyte', [train.size, height, width], train.images);
  write('train-labels-idx1-ubyte', [train.size], train.labels);
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
