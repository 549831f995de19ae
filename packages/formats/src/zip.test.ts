import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unzip, zip } from './zip.js';

const contents = fc.uint8Array({ minLength: 1, maxLength: 200 });

describe('a zip archive', () => {
  it('comes back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-zé]{1,9}$/), contents), (entries) => {
        expect(unzip(zip(entries), 'x.npz')).toEqual({ ...entries });
      }),
    );
  });

  it('is refused with any other byte in an entry, which is named', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.integer({ min: 1, max: 255 }), (content, at, by) => {
        const bytes = zip({ 'first.npy': Uint8Array.of(1), 'second.npy': content });
        const begin = Buffer.from(bytes).indexOf('second.npy') + 'second.npy'.length;
        bytes[begin + (at % content.length)]! ^= by;
        expect(() => unzip(bytes, 'x.npz')).toThrow(
          'x.npz has other bytes in second.npy than it was written with',
        );
      }),
    );
  });
});
