import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox, type Words } from './philox.js';

const mask32 = (1n << 32n) - 1n;
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const words: fc.Arbitrary<Words> = fc.record({ low: word, high: word });

/** The paper's definition, word by word, in whole numbers of any size. */
function slowly(key: Words, first: bigint, high: Words): number[] {
  let counter = [first & mask32, first >> 32n, BigInt(high.low), BigInt(high.high)] as const;
  let [key0, key1] = [BigInt(key.low), BigInt(key.high)];
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * counter[0];
    const product1 = 0xcd9e8d57n * counter[2];
    counter = [
      (product1 >> 32n) ^ counter[1] ^ key0,
      product1 & mask32,
      (product0 >> 32n) ^ counter[3] ^ key1,
      product0 & mask32,
    ];
    key0 = (key0 + 0x9e3779b9n) & mask32;
    key1 = (key1 + 0xbb67ae85n) & mask32;
  }
  return counter.map(Number);
}

function draw(blocks: number, key: Words, first: number, high: Words): number[] {
  const drawn = new Uint32Array(4 * blocks);
  philox(drawn, key, first, high);
  return [...drawn];
}

describe('philox', () => {
  // From kat_vectors of the authors' Random123 library; counters above 2^53 are left out.
  it('gives what the authors publish', () => {
    const zero = { low: 0, high: 0 };
    expect(draw(1, zero, 0, zero)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  it('gives what the definition says, for any key and counter', () => {
    const first = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(words, first, words, (key, low, high) => {
        expect(draw(1, key, low, high)).toEqual(slowly(key, BigInt(low), high));
      }),
    );
  });

  it('gives the same blocks drawn together and one by one, across the low word', () => {
    const first = fc.oneof(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 2 ** 32 - 8, max: 2 ** 32 + 8 }),
    );
    fc.assert(
      fc.property(words, first, words, fc.nat({ max: 12 }), (key, low, high, blocks) => {
        const alone = Array.from({ length: blocks }, (_, block) => draw(1, key, low + block, high));
        expect(draw(blocks, key, low, high)).toEqual(alone.flat());
      }),
    );
  });
});
