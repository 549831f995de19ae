/** 64 bits as two unsigned 32-bit words. */
export interface Words {
  readonly low: number;
  readonly high: number;
}

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
/** The golden ratio and the square root of 3, less 1: the key's steps from round to round. */
const keyStep0 = 0x9e3779b9;
const keyStep1 = 0xbb67ae85;
const rounds = 10;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): block
 * after block of four words, of which each is a function of the key and the block's counter alone. Any part
 * of the sequence can thus be drawn anywhere, in any order.
 *
 * @param words is filled from its start; its length is a multiple of 4
 * @param first the low 64 bits of the first block's counter, below 2^53; the following blocks count up
 * @param high the high 64 bits, the same for all blocks
 */
export function philox(words: Uint32Array, key: Words, first: number, high: Words): void {
  for (let at = 0; at < words.length; at += 4) {
    const low = first + at / 4;
    let word0 = low | 0;
    let word1 = (low / 2 ** 32) | 0;
    let word2 = high.low | 0;
    let word3 = high.high | 0;
    let key0 = key.low | 0;
    let key1 = key.high | 0;
    for (let round = 0; round < rounds; round++) {
      const mixed0 = multiplyHigh(multiplier1, word2) ^ word1 ^ key0;
      const mixed2 = multiplyHigh(multiplier0, word0) ^ word3 ^ key1;
      word1 = Math.imul(multiplier1, word2);
      word3 = Math.imul(multiplier0, word0);
      word0 = mixed0;
      word2 = mixed2;
      key0 = (key0 + keyStep0) | 0;
      key1 = (key1 + keyStep1) | 0;
    }
    words[at] = word0;
    words[at + 1] = word1;
    words[at + 2] = word2;
    words[at + 3] = word3;
  }
}

/** The high half of the 64-bit product of two unsigned words, from the products of their halves. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16];
  const [bLow, bHigh] = [b & 0xffff, b >>> 16];
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const carry = Math.imul(aLow, bHigh) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}
