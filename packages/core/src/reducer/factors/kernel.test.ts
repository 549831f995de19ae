import { expect, it } from 'vitest';
import { isWorthFactoring } from './kernel.js';

it('wants factors of large kernels and small batches', () => {
  const cnn = { offset: 0, rows: 5408, columns: 128 };
  expect([16, 32, 64, 93, 94, 1024].filter((samples) => isWorthFactoring(cnn, samples))).toEqual([
    16, 32, 64, 93,
  ]);
  expect(isWorthFactoring({ offset: 0, rows: 128, columns: 10 }, 2)).toBe(false);
  expect(isWorthFactoring({ offset: 0, rows: 512, columns: 256 }, 2)).toBe(true);
  expect(isWorthFactoring({ offset: 0, rows: 512, columns: 255 }, 2)).toBe(false);
});
