import type { Dataset, Split } from './dataset.js';
import { describeDataset } from './describe.js';
import { Random } from './random.js';

/** The writer that the parser is tested against: an IDX file of unsigned bytes. */
export function writeIdx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt8(0x08, 2);
  header.writeUInt8(shape.length, 3);
  shape.forEach((dimension, axis) => {
    header.writeUInt32BE(dimension, 4 + 4 * axis);
  });
  return new Uint8Array(Buffer.concat([header, data]));
}

const imageShape = [3, 2, 1] as const;

/** Random pictures of 3 x 2 with labels 0..9; every row is different from the others all but surely. */
export function randomDataset(trainSize: number, testSize: number): Dataset {
  return describeDataset('random', imageShape, {
    train: randomSplit('train', trainSize),
    test: randomSplit('test', testSize),
  });
}

function randomSplit(name: string, size: number): Split {
  const random = Random.from(name, size);
  const bytes = (length: number, bound: number) =>
    Uint8Array.from({ length }, () => random.below(bound));
  return { size, images: bytes(size * 6, 256), labels: bytes(size, 10) };
}
