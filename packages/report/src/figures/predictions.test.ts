import fc from 'fast-check';
import { expect, it } from 'vitest';
import { confusionOf, mistakesOf, type Predictions, predictedClass } from './predictions.js';

const rows = (probabilities: number[][]): Predictions => ({
  size: probabilities.length,
  classes: probabilities[0]!.length,
  probabilities: Float32Array.from(probabilities.flat()),
});

it('has the surest mistakes first, and none that was read right', () => {
  const predictions = rows([
    [0.6, 0.4],
    [0.9, 0.1],
    [0.2, 0.8],
    [0.5, 0.5],
  ]);
  expect(mistakesOf(predictions, Uint8Array.from([1, 1, 1, 1]))).toEqual([
    { index: 1, truth: 1, said: 0, probability: Math.fround(0.9) },
    { index: 0, truth: 1, said: 0, probability: Math.fround(0.6) },
    { index: 3, truth: 1, said: 0, probability: 0.5 },
  ]);
});

it('counts an image that a model gives no numbers for as a mistake, and in no column', () => {
  const predictions = rows([[Number.NaN, Number.NaN]]);
  const labels = Uint8Array.from([1]);
  expect(predictedClass(predictions, 0)).toBe(-1);
  expect(mistakesOf(predictions, labels)).toHaveLength(1);
  expect(confusionOf(predictions, labels)).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it('counts each image once: right ones on the diagonal, mistakes beside it', () => {
  const samples = fc.array(
    fc.record({
      label: fc.nat(3),
      row: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(samples, (given) => {
      const predictions = rows(given.map(({ row }) => row));
      const labels = Uint8Array.from(given, ({ label }) => label);
      const matrix = confusionOf(predictions, labels);
      const right = matrix.reduce((sum, row, index) => sum + row[index]!, 0);
      expect(matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(given.length);
      expect(given.length - right).toBe(mistakesOf(predictions, labels).length);
      for (const [label, row] of matrix.entries()) {
        const times = given.filter((each) => each.label === label).length;
        expect(row.reduce((sum, count) => sum + count, 0)).toBe(times);
      }
    }),
  );
});
