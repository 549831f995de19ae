import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeIdx } from '../testData.suite.js';
import { loadFashionMnist } from './fashionMnist.js';
import { datasetNames, loadDataset } from './registry.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockstep-data-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function putTinyFiles(): Promise<void> {
  for (const split of ['train', 't10k']) {
    const images = writeIdx([1, 1, 1], Uint8Array.of(9));
    await writeFile(join(directory, `${split}-images-idx3-ubyte`), images);
    await writeFile(join(directory, `${split}-labels-idx1-ubyte`), writeIdx([1], Uint8Array.of(1)));
  }
}

describe('loadDataset', () => {
  it('loads MNIST from the installed package, checked byte by byte', async () => {
    const { description, train } = await loadDataset({ name: 'mnist' });
    expect(description).toEqual({
      name: 'mnist',
      hash: 'd0a1de7fd62ef9c970c70e8710e77b618b02534576a42aa8e0588c0720d9f8a0',
      trainSize: 60_000,
      validationSize: 0,
      testSize: 10_000,
      imageShape: [28, 28, 1],
      classes: 10,
    });
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  });

  it('loads any files under any name from a directory', async () => {
    await putTinyFiles();
    const mine = await loadDataset({ name: 'mine', directory });
    expect(mine.description).toMatchObject({ name: 'mine', trainSize: 1, classes: 2 });
    const mnist = await loadDataset({ name: 'mnist', directory });
    expect(mnist.description).toEqual({ ...mine.description, name: 'mnist' });
  });

  it('refuses a name that it does not know, and says which it knows', async () => {
    await expect(loadDataset({ name: 'mnits' })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'there is no dataset named mnits',
      hint: expect.stringContaining('mnist or fashion-mnist'),
    });
    expect(datasetNames).toEqual(['mnist', 'fashion-mnist']);
  });
});

describe('Fashion-MNIST', () => {
  it('says how to get it where it is not installed', async () => {
    await expect(loadFashionMnist(join(directory, 'none'))).rejects.toMatchObject({
      code: 'DATA_MISSING',
      hint: expect.stringContaining('apt-get install dataset-fashion-mnist'),
    });
  });

  it('refuses other files in its place', async () => {
    await putTinyFiles();
    await expect(loadFashionMnist(directory)).rejects.toMatchObject({ code: 'DATA_CHECKSUM' });
  });

  // Runs where Debian's package dataset-fashion-mnist is installed; it is no npm package.
  it.skipIf(!existsSync('/usr/share/datasets/fashion-mnist'))('loads from Debian', async () => {
    const { description } = await loadDataset({ name: 'fashion-mnist' });
    expect(description).toMatchObject({ trainSize: 60_000, testSize: 10_000, classes: 10 });
  });
});
