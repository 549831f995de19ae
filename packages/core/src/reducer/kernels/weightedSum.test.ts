import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KernelMemory } from './kernelMemory.js';
import { weightedSum } from './weightedSum.js';

const { fround } = Math;
const length = 40_000;
const most = 6;
const memory = await KernelMemory.create((most + 1) * (length + 16) * 4);
const inputs = Array.from({ length: most }, () => memory.allocate(length));
const result = memory.allocate(length);

it('adds in rank order, over whole blocks and what is left, and leaves out who has no weight', () => {
  const weights = fc.array(fc.oneof(fc.constant(0), fc.float({ noNaN: true, min: -2, max: 2 })), {
    minLength: 1,
    maxLength: most,
  });
  fc.assert(
    fc.property(weights, fc.nat(length), fc.nat(length), (drawn, from, to) => {
      const [begin, end] = [Math.min(from, to), Math.max(from, to)];
      for (const [rank, input] of inputs.entries()) {
        if ((drawn[rank] ?? 0) === 0) input.fill(Number.NaN);
        else for (let i = 0; i < length; i += 1) input[i] = Math.sin(rank * length + i);
      }
      result.fill(7);
      weightedSum(memory, result, inputs.slice(0, drawn.length), drawn, { begin, end });
      for (let i = 0; i < length; i += 1) {
        const expected = i < begin || i >= end ? 7 : sumInOrder(drawn, i);
        if (!Object.is(result[i], expected)) expect({ i, is: result[i] }).toEqual({ i, expected });
      }
    }),
    { numRuns: 40 },
  );
});

function sumInOrder(weights: readonly number[], i: number): number {
  const products = weights.flatMap((weight, rank) =>
    weight === 0 ? [] : [fround(weight * inputs[rank]![i]!)],
  );
  return products.length === 0 ? 0 : products.reduce((sum, product) => fround(sum + product));
}
