import { expect, it } from 'vitest';
import { fitLogarithms } from './fit.mjs';

it('finds the values that are nearest, from afar', async () => {
  const wanted = [3, 0.02, 700];
  const distance = async (values) =>
    values.reduce((sum, value, i) => sum + Math.log(value / wanted[i]) ** 2, 0);
  const found = await fitLogarithms(distance, [1, 1, 1]);
  for (const [i, value] of found.entries()) expect(value / wanted[i]).toBeCloseTo(1, 1);
});
