import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomDataset } from './testData.suite.js';
import { validationSizeOf, withValidation } from './validationSplit.js';

it.each([
  [60_000, 0.2, 12_000],
  // floor(60,000 * 0.9) is 54,000 in Python as well: 1 - 0.1 is 0.9 exactly rounded.
  [60_000, 0.1, 6_000],
  [10, 0.25, 3],
  [7, 0.5, 4],
])('counts as Keras does: of %i samples %f are %i', (size, fraction, expected) => {
  expect(validationSizeOf(size, fraction)).toBe(expected);
});

it.each([
  [10, 0.95, 0],
  [10, 1e-20, 10],
])('refuses to leave a side without samples: %i, %f', (size, fraction, left) => {
  expect(() => validationSizeOf(size, fraction)).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringContaining(`leaves ${left} of`),
    }),
  );
});

it('splits off the last samples, and loses none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), (size) => {
      const whole = randomDataset(30, 5);
      const split = withValidation(whole, size);
      expect(split.description).toEqual({
        ...whole.description,
        trainSize: 30 - size,
        validationSize: size,
      });
      for (const part of ['images', 'labels'] as const) {
        expect([...split.train[part], ...split.validation[part]]).toEqual([...whole.train[part]]);
      }
      expect(split.train.size + split.validation.size).toBe(30);
      expect(split.test).toBe(whole.test);
    }),
  );
});

it('leaves a dataset that is split so already as it is, and refuses to split one twice', () => {
  const split = withValidation(randomDataset(30, 5), 10);
  expect(withValidation(split, 10)).toBe(split);
  expect(() => withValidation(split, 5)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
