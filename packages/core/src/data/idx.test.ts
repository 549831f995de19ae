import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockstepError } from '../errors.js';
import { parseIdx } from './idx.js';
import { writeIdx } from './testData.suite.js';

const content = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const length = shape.reduce((product, dimension) => product * dimension, 1);
    return fc.record({
      shape: fc.constant(shape),
      data: fc.uint8Array({ minLength: length, maxLength: length }),
    });
  });

describe('parseIdx', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(content, ({ shape, data }) => {
        expect(parseIdx(writeIdx(shape, data), 'a')).toEqual({ shape, data });
      }),
    );
  });

  it('reads a file that lies in the middle of a larger buffer', () => {
    const file = writeIdx([2, 2], Uint8Array.of(1, 2, 3, 4));
    const larger = new Uint8Array(file.length + 7).fill(255);
    larger.set(file, 3);
    const parsed = parseIdx(larger.subarray(3, 3 + file.length), 'a');
    expect(parsed).toEqual({ shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) });
  });

  it('refuses every truncation', () => {
    fc.assert(
      fc.property(content, fc.nat(), ({ shape, data }, cut) => {
        const whole = writeIdx(shape, data);
        const short = whole.subarray(0, cut % whole.length);
        expect(() => parseIdx(short, 'short')).toThrow(
          expect.objectContaining({ code: 'DATA_CORRUPT' }),
        );
      }),
    );
  });

  it('refuses every extension', () => {
    fc.assert(
      fc.property(content, fc.uint8Array({ minLength: 1 }), ({ shape, data }, more) => {
        const long = Buffer.concat([writeIdx(shape, data), more]);
        expect(() => parseIdx(long, 'long')).toThrow(
          expect.objectContaining({ code: 'DATA_CORRUPT' }),
        );
      }),
    );
  });

  it('answers any bytes with a result or a LockstepError', () => {
    const nearly = fc
      .tuple(fc.integer({ min: 0, max: 6 }), fc.uint8Array({ maxLength: 40 }))
      .map(([rank, rest]) => Uint8Array.of(0, 0, 8, rank, ...rest));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), nearly), (bytes) => {
        try {
          const { shape, data } = parseIdx(bytes, 'any');
          expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
        } catch (error) {
          if (!(error instanceof LockstepError)) throw error;
          expect(error.message).toMatch(/^any: expected .+, found .+/);
        }
      }),
    );
  });

  it.each([
    ['nothing', [], 'an IDX header of at least 4 bytes, found 0 bytes in all'],
    ['a gzip file', [0x1f, 0x8b, 8, 1], 'which begins with the bytes 00 00, found 1f 8b'],
    ['floats', [0, 0, 0x0d, 1, 0, 0, 0, 0], '08 (unsigned byte), found 0d (float)'],
    ['an unknown type', [0, 0, 0x42, 1, 0, 0, 0, 0], '08 (unsigned byte), found 42 (unknown)'],
    ['no dimensions', [0, 0, 8, 0], '1 to 4 dimensions, found 0'],
    ['five dimensions', [0, 0, 8, 5, ...new Array(20).fill(0)], '1 to 4 dimensions, found 5'],
    ['half a header', [0, 0, 8, 2, 0, 0], 'a header of 12 bytes, found 6 bytes in all'],
    [
      'dimensions whose product overflows',
      [0, 0, 8, 4, ...new Array(16).fill(0xff)],
      'found 4294967295 x 4294967295 x 4294967295 x 4294967295',
    ],
    ['a missing element', [0, 0, 8, 1, 0, 0, 0, 2, 9], 'expected 10 bytes for 2, found 9 bytes'],
  ])('names the file, what was expected and what was found: %s', (_name, bytes, message) => {
    const parse = () => parseIdx(Uint8Array.from(bytes), '/data/train-images');
    expect(parse).toThrow(message);
    expect(parse).toThrow('/data/train-images: expected');
  });
});
