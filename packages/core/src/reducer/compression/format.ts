/**
 * A format of 16 bits for float32 numbers, one number at a time: what the vector kernels are held against in
 * tests, and what does the few elements that fill no vector.
 *
 * Floats here are JavaScript's numbers that are float32 (`Math.fround`); words are integers of 16 bits.
 */
export interface Format {
  /** The nearest word, ties to even; a finite number beyond the range is the largest finite word. */
  toWord(float: number): number;
  fromWord(word: number): number;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

export function bitsOfFloat(value: number): number {
  float[0] = value;
  return bits[0]!;
}

export function floatOfBits(value: number): number {
  bits[0] = value;
  return float[0]!;
}
