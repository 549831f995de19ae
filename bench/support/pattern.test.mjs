import { expect, test } from 'vitest';
import { Pattern } from './pattern.mjs';

const ranks = 4;
const length = 40_000;
const patterns = Array.from({ length: ranks }, (_, rank) => new Pattern(rank, ranks));

function meanOf(operation) {
  const mean = new Float32Array(length);
  for (const pattern of patterns) {
    const input = new Float32Array(length);
    pattern.fill(input, operation);
    for (let i = 0; i < length; i++) mean[i] += input[i] / ranks;
  }
  return mean;
}

test('the mean of what the ranks bring is what is expected', () => {
  for (const operation of [0, 1, 2]) patterns[0].check(meanOf(operation), length, operation);
});

test('one wrong element, a missing one and an old result are seen', () => {
  const wrong = meanOf(0);
  wrong[length - 1] += 1;
  expect(() => patterns[0].check(wrong, length, 0)).toThrow(`element ${length - 1}`);
  expect(() => patterns[0].check(meanOf(0).subarray(1), length, 0)).toThrow('39999 elements');
  expect(() => patterns[0].check(meanOf(0), length, 1)).toThrow('element 0');
});
