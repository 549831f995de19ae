import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from './create.js';
import type { Slots } from './optimizer.js';

const configs: OptimizerConfig[] = [
  { name: 'sgd' },
  { name: 'sgd', momentum: 0.9 },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop', momentum: 0.5, centered: true },
  { name: 'adagrad' },
  { name: 'adadelta' },
  { name: 'adam', amsgrad: true },
  { name: 'adamw' },
  { name: 'adamax' },
].map((config) => optimizerConfigSchema.parse(config));

const floats = (length: number) =>
  fc
    .array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

const partOf = (slots: Slots, begin: number, end: number): Slots =>
  Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, slot.slice(begin, end)]));

describe.each(configs)('$name $momentum', (config) => {
  const optimizer = createOptimizer(config);
  const freshSlots = (length: number): Slots =>
    Object.fromEntries(
      optimizer.slotNames.map((name) => [name, optimizer.initialSlot(name, length)]),
    );

  it('gives the same bits in two parts as in one', () => {
    const cases = fc
      .record({
        length: fc.integer({ min: 0, max: 12 }),
        cut: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .chain(({ length, cut }) =>
        fc.record({
          cut: fc.constant(Math.round(cut * length)),
          weights: floats(length),
          gradients: fc.array(floats(length), { minLength: 1, maxLength: 4 }),
        }),
      );
    fc.assert(
      fc.property(cases, ({ cut, weights, gradients }) => {
        const whole = weights.slice();
        const parts = [weights.slice(0, cut), weights.slice(cut)] as const;
        const wholeSlots = freshSlots(weights.length);
        const partSlots = [
          partOf(wholeSlots, 0, cut),
          partOf(wholeSlots, cut, weights.length),
        ] as const;
        for (const [step, gradient] of gradients.entries()) {
          optimizer.update(whole, gradient, wholeSlots, 0.01, step);
          optimizer.update(parts[0], gradient.subarray(0, cut), partSlots[0], 0.01, step);
          optimizer.update(parts[1], gradient.subarray(cut), partSlots[1], 0.01, step);
        }
        expect([...parts[0], ...parts[1]]).toEqual([...whole]);
        for (const name of optimizer.slotNames) {
          const joined = [...partSlots[0][name]!, ...partSlots[1][name]!];
          expect(joined).toEqual([...wholeSlots[name]!]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses a gradient and a slot of another length', () => {
    const weights = new Float32Array(3);
    expect(() =>
      optimizer.update(weights, new Float32Array(2), freshSlots(3), 0.01, 0),
    ).toThrowError(/gradient has 2 elements, the weights have 3/);
    if (optimizer.slotNames.length === 0) return;
    expect(() =>
      optimizer.update(weights, new Float32Array(3), freshSlots(2), 0.01, 0),
    ).toThrowError(/has 2 elements, the weights have 3/);
    expect(() => optimizer.update(weights, new Float32Array(3), {}, 0.01, 0)).toThrowError(
      /is missing/,
    );
  });
});
