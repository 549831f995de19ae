import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { bytes, shortText } from './hostileBytes.suite.js';
import { whyNotPlain } from './plainMessagePack.js';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const nested = (levels: number): unknown => (levels === 0 ? null : [nested(levels - 1)]);

describe('plain MessagePack', () => {
  it('is whatever JSON has, and bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.object({ withNullPrototype: false }), fc.uint8Array()),
        (value) => {
          const packed = packr.pack(JSON.parse(JSON.stringify(value) ?? 'null'));
          expect(whyNotPlain(packed)).toBeNull();
        },
      ),
    );
  });

  it.each([15, 16, 255, 256, 65_535, 65_536])('is lists, maps, texts and bytes of %d', (length) => {
    const list = Array(length).fill(0);
    const map = Object.fromEntries(list.map((zero, i) => [`k${i}`, zero]));
    for (const value of [list, map, 'x'.repeat(length), new Uint8Array(length)]) {
      expect(whyNotPlain(packr.pack(value))).toBeNull();
    }
  });

  it.each([0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, -1, -32, -33, -128, -129, -32_769, 0.5])(
    'is the number %d',
    (number) => expect(whyNotPlain(packr.pack(number))).toBeNull(),
  );

  it('is integers of 64 bits', () => {
    for (const number of [2n ** 64n - 1n, -(2n ** 63n)]) {
      expect(whyNotPlain(packr.pack(number))).toBeNull();
    }
  });

  it('is a hundred levels and no more', () => {
    expect(whyNotPlain(packr.pack(nested(99)))).toBeNull();
    expect(whyNotPlain(packr.pack(nested(100)))).toBe('it has more than 100 levels');
  });

  it('is not what is cut short, anywhere', () => {
    const whole = packr.pack({ a: [1, 'text', 300, 0.5], b: new Uint8Array(3), c: { d: null } });
    for (let length = 0; length < whole.length; length++) {
      expect(whyNotPlain(whole.subarray(0, length))).toBe('it is cut short');
    }
    expect(whyNotPlain(Buffer.concat([whole, whole]))).toBe(`${whole.length} bytes follow it`);
  });

  it('is not an extension, wherever it stands', () => {
    const more = [0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xc7, 0xc8, 0xc9, 0xc1];
    for (const token of more) {
      expect(whyNotPlain(bytes(0x81, shortText('a'), 0x91, token))).toMatch(/extension \(byte 4\)/);
    }
  });
});
