import { bitsOfFloat, type Format, floatOfBits } from './format.js';

const signBit = 0x80000000;
const infinity = 0x7f800000;
const largestFinite = 0x7f7f0000;
const notANumber = 0x7fc0;

/**
 * The upper half of a float32: sign, 8 bits of exponent, 7 of fraction. The range of float32 with a relative
 * error of at most 2^-8: gradients need no scaling. Wang and Kanwar 2019, "BFloat16: the secret to high
 * performance on Cloud TPUs".
 */
export const bfloat16: Format = {
  toWord(float) {
    if (Number.isNaN(float)) return notANumber;
    const bits = bitsOfFloat(float);
    const sign = (bits & signBit) >>> 0;
    const magnitude = bits - sign;
    if (magnitude === infinity) return bits >>> 16;
    const isOdd = (magnitude >>> 16) & 1;
    const rounded = magnitude + 0x7fff + isOdd;
    return (sign | Math.min(rounded, largestFinite)) >>> 16;
  },
  fromWord: (word) => floatOfBits(word * 0x10000),
};
