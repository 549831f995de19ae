import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate, emptyBatch, gather, sliceBatch } from './batch.js';
import { randomDataset } from './testData.suite.js';

const imageSize = 6;
const split = randomDataset(50, 1).train;
const rowLists = fc.uint32Array({ max: split.size - 1, maxLength: 80 });

/** What a batch must be, computed sample by sample. */
const expected = (rows: readonly number[]) => ({
  size: rows.length,
  images: Uint8Array.from(
    rows.flatMap((row) => [...split.images.slice(row * imageSize, (row + 1) * imageSize)]),
  ),
  labels: Uint8Array.from(rows.map((row) => split.labels[row]!)),
});

const rangeOf = (begin: number, end: number) =>
  Array.from({ length: end - begin }, (_none, index) => begin + index);

describe('gather', () => {
  it('copies the rows in the order asked for, repeated ones too', () => {
    fc.assert(
      fc.property(rowLists, (rows) => {
        expect(gather(split, imageSize, rows)).toEqual(expected([...rows]));
      }),
    );
  });

  it('copies a range as it copies its rows', () => {
    const bound = fc.integer({ min: 0, max: split.size });
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const range = { begin: Math.min(a, b), end: Math.max(a, b) };
        const batch = gather(split, imageSize, range);
        expect(batch).toEqual(expected(rangeOf(range.begin, range.end)));
      }),
    );
  });

  it('copies: the split does not change with the batch', () => {
    const before = split.images.slice();
    gather(split, imageSize, { begin: 0, end: 10 }).images.fill(0);
    expect(split.images).toEqual(before);
  });

  it('uses the given memory and leaves the rest of it alone', () => {
    const buffers = { images: new Uint8Array(20).fill(7), labels: new Uint8Array(4).fill(7) };
    const batch = gather(split, imageSize, Uint32Array.of(3, 1), buffers);
    expect(batch).toEqual(expected([3, 1]));
    expect(batch.images.buffer).toBe(buffers.images.buffer);
    expect([...buffers.images.subarray(12)]).toEqual(new Array(8).fill(7));
    expect([...buffers.labels.subarray(2)]).toEqual([7, 7]);
  });

  it('gives an empty batch for no rows', () => {
    expect(gather(split, imageSize, new Uint32Array(0))).toEqual(emptyBatch);
  });

  it.each([
    ['a row after the end', Uint32Array.of(0, 50)],
    ['a range that ends after the end', { begin: 0, end: 51 }],
    ['a range that begins before the begin', { begin: -1, end: 4 }],
    ['a range that runs backwards', { begin: 4, end: 3 }],
    ['a range of halves', { begin: 0.5, end: 3 }],
  ])('refuses %s', (_name, rows) => {
    expect(() => gather(split, imageSize, rows)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });

  it('refuses memory that is too small', () => {
    const buffers = { images: new Uint8Array(17), labels: new Uint8Array(3) };
    const act = () => gather(split, imageSize, { begin: 0, end: 3 }, buffers);
    expect(act).toThrow('does not fit');
  });
});

describe('concatenate and sliceBatch', () => {
  it('undo each other', () => {
    fc.assert(
      fc.property(fc.array(rowLists, { maxLength: 5 }), (lists) => {
        const batches = lists.map((rows) => gather(split, imageSize, rows));
        const whole = concatenate(batches, imageSize);
        expect(whole).toEqual(expected(lists.flatMap((rows) => [...rows])));
        let begin = 0;
        for (const batch of batches) {
          const end = begin + batch.size;
          expect(sliceBatch(whole, imageSize, { begin, end })).toEqual(batch);
          begin = end;
        }
      }),
    );
  });

  it('refuses rows that the batch does not have', () => {
    expect(() => sliceBatch(emptyBatch, imageSize, { begin: 0, end: 1 })).toThrow('0..1');
  });
});
