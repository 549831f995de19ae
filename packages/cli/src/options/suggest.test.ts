import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.js';

const word = fc.string({ maxLength: 8 });

describe('editDistance', () => {
  it.each([
    ['adam', 'adam', 0],
    ['adma', 'adam', 1],
    ['adm', 'adam', 1],
    ['adaam', 'adam', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
    ['', 'cnn', 3],
  ])('from %j to %j is %i', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is symmetric, zero only for equal words, and bounded by the longer word', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance).toBe(editDistance(right, left));
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      }),
    );
  });
});

describe('suggest', () => {
  it('takes the nearest candidate, whatever the case', () => {
    expect(suggest('ADAMM', ['adam', 'adamw', 'adamax'])).toBe('adam');
    expect(suggest('fashion-mnsit', ['mnist', 'fashion-mnist'])).toBe('fashion-mnist');
  });

  it('says nothing when none is near', () => {
    expect(suggest('resnet', ['cnn', 'mlp', 'tiny'])).toBeUndefined();
    expect(suggest('x', ['cnn'])).toBeUndefined();
  });
});
