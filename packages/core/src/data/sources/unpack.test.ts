import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpack } from './unpack.js';

const packed = gzipSync(Uint8Array.from({ length: 300 }, (_none, index) => (index * index) % 251));

describe('unpack', () => {
  it('gives back what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        expect([...(await unpack(gzipSync(bytes), 'a'))]).toEqual([...bytes]);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves other bytes alone', async () => {
    const plain = Uint8Array.of(0, 0, 8, 1);
    expect(await unpack(plain, 'plain')).toBe(plain);
    expect(await unpack(new Uint8Array(0), 'empty')).toHaveLength(0);
  });

  it('refuses a stream cut short anywhere', async () => {
    const length = fc.integer({ min: 2, max: packed.length - 1 });
    await fc.assert(
      fc.asyncProperty(length, async (cut) => {
        await expect(unpack(packed.subarray(0, cut), 'cut.gz')).rejects.toMatchObject({
          code: 'DATA_CORRUPT',
          message: expect.stringMatching(/^cut\.gz: the gzip stream is damaged: /),
        });
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a stream with a flipped bit in its data', async () => {
    const damaged = Buffer.from(packed);
    damaged[40]! ^= 0x10;
    await expect(unpack(damaged, 'damaged.gz')).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });

  it('stops a bomb at the limit, and unpacks just as much as the limit', async () => {
    const zeros = gzipSync(new Uint8Array(1_000_000));
    expect(zeros.length).toBeLessThan(2_000);
    await expect(unpack(zeros, 'bomb.gz', 999_999)).rejects.toMatchObject({
      code: 'DATA_CORRUPT',
      message: 'bomb.gz: unpacks to more than 999999 bytes',
    });
    expect(await unpack(zeros, 'zeros.gz', 1_000_000)).toHaveLength(1_000_000);
  });
});
