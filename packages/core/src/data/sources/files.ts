import { readFile } from 'node:fs/promises';
import { LockstepError } from '../../errors.js';
import { sha256 } from '../../hash.js';
import type { Dataset, DatasetDescription, Split } from '../dataset.js';
import { describeDataset } from '../describe.js';
import { type IdxFile, parseIdx } from '../idx.js';
import { type IdxFileName, locate } from './locate.js';
import { unpack } from './unpack.js';

/** sha256 of each file's unpacked bytes. */
export type Checksums = Readonly<Record<IdxFileName, string>>;

export interface DirectoryOptions {
  /** Refuse files with other bytes than these. */
  readonly checksums?: Checksums;
  /** What to do when files are missing, where this is known better than "put them there". */
  readonly missingHint?: string;
}

/** An IDX file and the path it came from. */
interface Source extends IdxFile {
  readonly path: string;
}

interface LoadedSplit extends Split {
  readonly path: string;
  readonly imageShape: DatasetDescription['imageShape'];
}

/**
 * Loads a dataset in the layout of MNIST: images `[N, height, width]` or `[N, height, width, channels]`,
 * labels `[N]`, one file each for training and test, plain or gzipped.
 *
 * @throws DATA_MISSING, DATA_CORRUPT or DATA_CHECKSUM, naming the file
 */
export async function loadDirectory(
  name: string,
  directory: string,
  options: DirectoryOptions = {},
): Promise<Dataset> {
  const paths = await locate(name, directory, options.missingHint);
  const read = (file: IdxFileName) => readIdx(paths[file], options.checksums?.[file]);
  const train = toSplit(
    await read('train-images-idx3-ubyte'),
    await read('train-labels-idx1-ubyte'),
  );
  const test = toSplit(await read('t10k-images-idx3-ubyte'), await read('t10k-labels-idx1-ubyte'));
  if (train.imageShape.join() !== test.imageShape.join()) {
    throw corrupt(
      test.path,
      `images of ${train.imageShape.join(' x ')} as in ${train.path}`,
      test.imageShape.join(' x '),
    );
  }
  return describeDataset(name, train.imageShape, { train: bare(train), test: bare(test) });
}

async function readIdx(path: string, checksum: string | undefined): Promise<Source> {
  const bytes = await unpack(await readBytes(path), path);
  const file = parseIdx(bytes, path);
  const found = checksum === undefined ? undefined : sha256(bytes);
  if (found !== checksum) {
    throw new LockstepError(
      'DATA_CHECKSUM',
      `${path}: expected sha256 ${checksum}, found ${found}`,
      {
        hint: 'Fetch the file again, or name its directory with --data-dir to use it as it is.',
      },
    );
  }
  return { ...file, path };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new LockstepError(
      'DATA_MISSING',
      `${path}: cannot be read: ${(error as Error).message}`,
      {
        cause: error,
        hint: 'Make it a file that this user may read.',
      },
    );
  }
}

function toSplit(images: Source, labels: Source): LoadedSplit {
  const [size, height, width, channels = 1] = images.shape;
  if (size === undefined || height === undefined || width === undefined) {
    throw corrupt(images.path, 'images of 3 or 4 dimensions', String(images.shape.length));
  }
  if (size === 0) throw corrupt(images.path, 'at least one image', 'none');
  if (height * width * channels === 0) {
    throw corrupt(images.path, 'images with pixels', images.shape.join(' x '));
  }
  if (labels.shape.length !== 1) {
    throw corrupt(labels.path, 'labels of 1 dimension', String(labels.shape.length));
  }
  if (labels.shape[0] !== size) {
    throw corrupt(
      labels.path,
      `${size} labels for the images in ${images.path}`,
      String(labels.shape[0]),
    );
  }
  return {
    size,
    images: images.data,
    labels: labels.data,
    path: images.path,
    imageShape: [height, width, channels],
  };
}

function bare({ size, images, labels }: LoadedSplit): Split {
  return { size, images, labels };
}

function corrupt(path: string, expected: string, found: string): LockstepError {
  return new LockstepError('DATA_CORRUPT', `${path}: expected ${expected}, found ${found}`, {
    hint: 'Check that the four files belong to the same dataset.',
  });
}
