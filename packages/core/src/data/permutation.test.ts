import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, sha256 } from '../hash.js';
import { permutation } from './permutation.js';

describe('permutation', () => {
  // Computed by an implementation in Python, written apart from this one. Changing any of these numbers
  // breaks the resuming of every checkpoint that exists.
  it('is the same for ever', () => {
    expect([...permutation(42, 0, 10)]).toEqual([5, 9, 1, 7, 2, 8, 4, 3, 0, 6]);
    expect([...permutation(42, 1, 10)]).toEqual([3, 1, 4, 6, 8, 9, 2, 7, 5, 0]);
    expect([...permutation(43, 0, 10)]).toEqual([0, 2, 4, 1, 8, 9, 3, 5, 7, 6]);
    const mnist = permutation(42, 0, 60_000);
    expect([...mnist.subarray(0, 4)]).toEqual([40348, 57875, 24146, 16415]);
    expect(sha256(bytesOf(mnist))).toBe(
      'cb849b80bed2b676595090494912ab4f3d3f6a4904f28afc5deaa24eadc6045e',
    );
  });

  it('has each index once', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(), fc.integer({ min: 0, max: 3000 }), (...key) => {
        const size = key[2];
        const sorted = permutation(...key).sort();
        expect([...sorted]).toEqual(Array.from({ length: size }, (_none, index) => index));
      }),
    );
  });

  it('differs by seed and by epoch, and by nothing else', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (seed, epoch) => {
        const order = permutation(seed, epoch, 100);
        expect(permutation(seed, epoch, 100)).toEqual(order);
        expect(permutation(seed + 1, epoch, 100)).not.toEqual(order);
        expect(permutation(seed, epoch + 1, 100)).not.toEqual(order);
      }),
    );
  });

  it('knows the sizes 0 and 1', () => {
    expect(permutation(1, 1, 0)).toEqual(new Uint32Array(0));
    expect(permutation(1, 1, 1)).toEqual(new Uint32Array(1));
  });

  it.each([
    [-1, 0, 1, 'seed -1'],
    [0, 0.5, 1, 'epoch 0.5'],
    [0, 0, Number.NaN, 'size NaN'],
  ])('refuses seed %d, epoch %d, size %d', (seed, epoch, size, message) => {
    expect(() => permutation(seed, epoch, size)).toThrow(message);
  });
});
