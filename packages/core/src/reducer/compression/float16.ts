import { bitsOfFloat, type Format, floatOfBits } from './format.js';

const notANumber = 0x7e00;
const infinity = 0x7c00;
const largestFinite = 65_504;
const smallestNormal = 2 ** -14;
/** What subnormal numbers are multiples of. */
const smallest = 2 ** -24;
/** Bits of fraction that float32 has more. */
const extraBits = 13;
/** Exponents are stored with 15 added to them, those of float32 with 127. */
const rebias = (127 - 15) << 23;

/**
 * IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. A relative error of at most 2^-11 from 2^-14 to
 * 65,504; below that an absolute one of at most 2^-25.
 */
export const float16: Format = {
  toWord(float) {
    if (Number.isNaN(float)) return notANumber;
    const sign = float < 0 || Object.is(float, -0) ? 0x8000 : 0;
    if (!Number.isFinite(float)) return sign | infinity;
    const magnitude = Math.min(Math.abs(float), largestFinite);
    if (magnitude < smallestNormal) return sign | roundToEven(magnitude / smallest);
    return sign | roundToEven((bitsOfFloat(magnitude) - rebias) / 2 ** extraBits);
  },
  fromWord(word) {
    const sign = word >= 0x8000 ? -1 : 1;
    const magnitude = word & 0x7fff;
    if (magnitude > infinity) return Number.NaN;
    if (magnitude === infinity) return sign * Number.POSITIVE_INFINITY;
    if (magnitude < 0x400) return sign * magnitude * smallest;
    return sign * floatOfBits(magnitude * 2 ** extraBits + rebias);
  },
};

/** The nearest integer, of two the even one. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  const over = value - below;
  return over > 0.5 || (over === 0.5 && below % 2 === 1) ? below + 1 : below;
}
