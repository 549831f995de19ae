import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../hash.js';
import { writeIdx } from '../testData.suite.js';
import { loadDirectory } from './files.js';
import type { IdxFileName } from './locate.js';

const count = (length: number) => Uint8Array.from({ length }, (_none, index) => index);

/** Four training pictures and two test pictures of 3 x 2. */
const files: Record<IdxFileName, Uint8Array> = {
  'train-images-idx3-ubyte': writeIdx([4, 3, 2], count(24)),
  'train-labels-idx1-ubyte': writeIdx([4], Uint8Array.of(0, 1, 2, 1)),
  't10k-images-idx3-ubyte': writeIdx([2, 3, 2], count(12)),
  't10k-labels-idx1-ubyte': writeIdx([2], Uint8Array.of(4, 0)),
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-data-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function put(contents: Record<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of Object.entries(contents))
    await writeFile(join(directory, name), bytes);
}

const load = () => loadDirectory('tiny', directory);

describe('loadDirectory', () => {
  it('loads four IDX files', async () => {
    await put(files);
    const { description, train, test } = await load();
    expect(description).toMatchObject({
      name: 'tiny',
      trainSize: 4,
      testSize: 2,
      imageShape: [3, 2, 1],
      classes: 5,
    });
    expect([...train.images]).toEqual([...count(24)]);
    expect([...train.labels]).toEqual([0, 1, 2, 1]);
    expect([...test.images]).toEqual([...count(12)]);
    expect([...test.labels]).toEqual([4, 0]);
  });

  it('loads the same from every spelling, packed or not, whatever the name says', async () => {
    await put(files);
    const plain = (await load()).description.hash;
    await rm(join(directory, 'train-images-idx3-ubyte'));
    await rm(join(directory, 'train-labels-idx1-ubyte'));
    await rm(join(directory, 't10k-images-idx3-ubyte'));
    await put({
      'train-images-idx3-ubyte.gz': gzipSync(files['train-images-idx3-ubyte']),
      'train-labels.idx1-ubyte': gzipSync(files['train-labels-idx1-ubyte']),
      't10k-images.idx3-ubyte.gz': files['t10k-images-idx3-ubyte'],
    });
    expect((await load()).description.hash).toBe(plain);
  });

  it('loads pictures with channels', async () => {
    await put({
      ...files,
      'train-images-idx3-ubyte': writeIdx([4, 1, 2, 3], count(24)),
      't10k-images-idx3-ubyte': writeIdx([2, 1, 2, 3], count(12)),
    });
    expect((await load()).description.imageShape).toEqual([1, 2, 3]);
  });

  it('names all missing files, the directory, and what to do', async () => {
    await put({
      'train-images-idx3-ubyte': files['train-images-idx3-ubyte'],
      't10k-labels-idx1-ubyte': files['t10k-labels-idx1-ubyte'],
    });
    await expect(load()).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: `dataset tiny: ${directory} has no train-labels-idx1-ubyte, no t10k-images-idx3-ubyte`,
      hint: expect.stringContaining('--data-dir'),
    });
  });

  it('says when the directory is none', async () => {
    await put({ file: count(1) });
    await expect(loadDirectory('tiny', join(directory, 'nowhere'))).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: `dataset tiny: ${directory}/nowhere: is not there`,
    });
    await expect(loadDirectory('tiny', join(directory, 'file'))).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: `dataset tiny: ${directory}/file: is not a directory`,
    });
  });

  it('says when a file cannot be read', async () => {
    const { 'train-images-idx3-ubyte': _left, ...rest } = files;
    await put(rest);
    await mkdir(join(directory, 'train-images-idx3-ubyte'));
    await expect(load()).rejects.toMatchObject({
      code: 'DATA_MISSING',
      message: expect.stringContaining('train-images-idx3-ubyte: cannot be read: EISDIR'),
    });
  });

  it('compares checksums of the unpacked bytes', async () => {
    const checksums = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)]),
    ) as Record<IdxFileName, string>;
    await put({
      ...files,
      't10k-labels-idx1-ubyte': gzipSync(files['t10k-labels-idx1-ubyte'], { level: 1 }),
    });
    const loaded = await loadDirectory('tiny', directory, { checksums });
    expect(loaded.test.size).toBe(2);

    const other = writeIdx([2], Uint8Array.of(4, 1));
    await put({ 't10k-labels-idx1-ubyte': other });
    await expect(loadDirectory('tiny', directory, { checksums })).rejects.toMatchObject({
      code: 'DATA_CHECKSUM',
      message: `${directory}/t10k-labels-idx1-ubyte: expected sha256 ${checksums['t10k-labels-idx1-ubyte']}, found ${sha256(other)}`,
    });
  });

  it.each<[string, Partial<Record<IdxFileName, Uint8Array>>, string]>([
    [
      'a file cut short',
      { 't10k-images-idx3-ubyte': files['t10k-images-idx3-ubyte'].subarray(0, 20) },
      't10k-images-idx3-ubyte: expected 28 bytes for 2 x 3 x 2, found 20 bytes',
    ],
    [
      'more labels than images',
      { 'train-labels-idx1-ubyte': writeIdx([5], count(5)) },
      'train-labels-idx1-ubyte: expected 4 labels for the images in ',
    ],
    [
      'labels in place of images',
      { 'train-images-idx3-ubyte': files['train-labels-idx1-ubyte'] },
      'train-images-idx3-ubyte: expected images of 3 or 4 dimensions, found 1',
    ],
    [
      'images in place of labels',
      { 't10k-labels-idx1-ubyte': files['t10k-images-idx3-ubyte'] },
      't10k-labels-idx1-ubyte: expected labels of 1 dimension, found 3',
    ],
    [
      'an empty train split',
      {
        'train-images-idx3-ubyte': writeIdx([0, 3, 2], count(0)),
        'train-labels-idx1-ubyte': writeIdx([0], count(0)),
      },
      'train-images-idx3-ubyte: expected at least one image, found none',
    ],
    [
      'an empty test split',
      {
        't10k-images-idx3-ubyte': writeIdx([0, 3, 2], count(0)),
        't10k-labels-idx1-ubyte': writeIdx([0], count(0)),
      },
      't10k-images-idx3-ubyte: expected at least one image, found none',
    ],
    [
      'images without pixels',
      { 'train-images-idx3-ubyte': writeIdx([4, 0, 2], count(0)) },
      'train-images-idx3-ubyte: expected images with pixels, found 4 x 0 x 2',
    ],
    [
      'test images of another shape',
      { 't10k-images-idx3-ubyte': writeIdx([2, 2, 3], count(12)) },
      't10k-images-idx3-ubyte: expected images of 3 x 2 x 1 as in ',
    ],
  ])('refuses %s', async (_name, changes, message) => {
    await put({ ...files, ...changes });
    await expect(load()).rejects.toMatchObject({
      code: 'DATA_CORRUPT',
      message: expect.stringContaining(`${directory}/${message}`),
    });
  });
});
