import { beforeAll, describe, expect, it } from 'vitest';
import { readHdf5 } from './read.js';
import { dataset, group } from './tree.js';
import { writeHdf5 } from './write.js';

const root = group(
  {
    inner: group({ kernel: dataset(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]) }, { none: [] }),
    iteration: dataset(BigInt64Array.of(7n), []),
  },
  { names: ['first', 'second', 'third'], title: 'a model' },
);
let bytes: Uint8Array;

beforeAll(async () => {
  bytes = await writeHdf5(root);
});

/** The file with another byte in its heap, which holds the texts of attributes: `GCOL`, HDF5's global heap. */
function damaged(offset: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[Buffer.from(bytes).indexOf('GCOL') + offset] = value;
  return copy;
}

describe('an HDF5 file', () => {
  it('has all that was written', async () => {
    expect(await readHdf5(bytes, 'x.h5')).toEqual(root);
  });

  it('is refused with the reason of the library', async () => {
    await expect(readHdf5(bytes.subarray(0, -100), 'x.h5')).rejects.toMatchObject({
      code: 'MODEL_FILE',
      message: expect.stringMatching(/^x\.h5 is no whole HDF5 file: truncated file/),
    });
  });

  it.each([
    // An object of no length: the library looks for the next one where it is.
    ['goes round in for ever', 24, 0, 2_000, 'there is no end to reading it'],
    // A version of the heap that there is not.
    ['refuses', 4, 0, 20_000, 'wrong version number in global heap'],
  ])(
    'that the library %s, does the next one no harm',
    async (_how, offset, value, deadline, why) => {
      await expect(readHdf5(damaged(offset, value), 'x.h5', deadline)).rejects.toMatchObject({
        code: 'MODEL_FILE',
        message: expect.stringContaining(`x.h5 is no whole HDF5 file: ${why}`),
      });
      expect(await readHdf5(bytes, 'y.h5')).toEqual(root);
    },
  );
});
