import { LockstepError } from '../errors.js';
import { hashOfJson } from '../hash.js';

/** Four unsigned 32-bit words, not all zero. */
type RandomState = readonly [number, number, number, number];

/**
 * xoshiro128** 1.1 by David Blackman and Sebastiano Vigna, https://prng.di.unimi.it/xoshiro128starstar.c:
 * 128 bits of state, 32 bits a draw, nothing but uint32 arithmetic, so that every machine and every
 * version of JavaScript draws the same numbers. Stable for ever: checkpoints rely on it. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(state: RandomState) {
    if (state.every((word) => word === 0)) {
      throw new LockstepError('INTERNAL', 'a state of zeros would only ever draw zeros');
    }
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  /**
   * A generator of its own for each list of parts, such as `('permutation', seed, epoch)`: neighbouring
   * seeds share nothing, because the state is the first 128 bits of the sha256 of the parts' JSON text.
   */
  static from(...parts: (string | number)[]): Random {
    const digits = hashOfJson(parts);
    const word = (index: number) => Number.parseInt(digits.slice(8 * index, 8 * index + 8), 16);
    return new Random([word(0), word(1), word(2), word(3)]);
  }

  /** An integer in [0, 2^32). */
  uint32(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A float in [0, 1) with all 53 bits drawn, as `genrand_res53` of the Mersenne Twister does it. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * An integer in [0, bound), each exactly as likely as the others: the lowest 2^32 mod bound draws are
   * thrown away, so that the rest divides evenly (OpenBSD's `arc4random_uniform`). Bound: 1..2^32.
   */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new LockstepError('INTERNAL', `no integer can be drawn below ${bound}`);
    }
    const thrownAway = 2 ** 32 % bound;
    let draw = this.uint32();
    while (draw < thrownAway) draw = this.uint32();
    return draw % bound;
  }
}
