import { readFileSync } from 'node:fs';
import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import { KernelMemory } from '@lockstep/core/reducer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import loadWabt from 'wabt';
import { createOptimizer } from '../create.js';
import { adamBinary } from './adamBinary.js';
import { vectorized } from './vectorized.js';

const adam = optimizerConfigSchema.parse({ name: 'adam' });
const slotNames = ['momentum', 'velocity'];

/** Arrays in a memory, each beginning `shift` elements beyond a cache line. */
async function arraysIn(length: number, shift: number) {
  const memory = await KernelMemory.create(0);
  const optimizer = (await vectorized(adam, memory))!;
  const make = () => memory.allocate(shift + length + 1).subarray(shift, shift + length);
  const slots = Object.fromEntries(slotNames.map((name) => [name, make()]));
  return { memory, optimizer, weights: make(), gradient: make(), slots };
}

it('is what adam.wat compiles to; if not, run tools/buildKernels.mjs', async () => {
  const source = readFileSync(new URL('adam.wat', import.meta.url), 'utf8');
  const wabt = await loadWabt();
  const { buffer } = wabt.parseWat('adam.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(adamBinary)).toEqual(Buffer.from(buffer));
});

describe('Adam by vector instructions', () => {
  it('is the rule itself, to float32 rounding, of whatever length and wherever it lies', async () => {
    const value = fc.float({ min: -4, max: 4, noNaN: true });
    const cases = fc
      .record({ length: fc.nat({ max: 19 }), shift: fc.nat({ max: 3 }) })
      .chain(({ length, shift }) => {
        const array = fc.array(value, { minLength: length, maxLength: length });
        return fc.record({
          shift: fc.constant(shift),
          initial: array,
          gradients: fc.array(array, { minLength: 1, maxLength: 5 }),
        });
      });
    await fc.assert(
      fc.asyncProperty(cases, async ({ shift, initial, gradients }) => {
        const { length } = initial;
        const { optimizer, weights, gradient, slots } = await arraysIn(length, shift);
        const rule = createOptimizer(adam);
        const expected = {
          weights: Float32Array.from(initial),
          slots: Object.fromEntries(
            slotNames.map((name) => [name, rule.initialSlot(name, length)]),
          ),
        };
        weights.set(initial);
        for (const [step, values] of gradients.entries()) {
          gradient.set(values);
          optimizer.update(weights, gradient, slots, 0.01, step);
          rule.update(expected.weights, Float32Array.from(values), expected.slots, 0.01, step);
          expect(Array.from(gradient)).toEqual(values);
        }
        const pairs = [
          [weights, expected.weights],
          ...slotNames.map((name) => [slots[name]!, expected.slots[name]!] as const),
        ] as const;
        for (const [found, wanted] of pairs) {
          for (const [i, number] of wanted.entries()) {
            expect(Math.abs(found[i]! - number)).toBeLessThanOrEqual(4e-6 * (1 + Math.abs(number)));
          }
        }
      }),
    );
  });

  it('gives the same bits in vectors as in the rest', async () => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true });
    const quadruple = fc.tuple(value, value, value, value);
    await fc.assert(
      fc.asyncProperty(quadruple, quadruple, async (initial, gradients) => {
        const whole = await arraysIn(4, 0);
        whole.weights.set(initial);
        whole.gradient.set(gradients);
        whole.optimizer.update(whole.weights, whole.gradient, whole.slots, 0.1, 3);
        for (const i of [0, 1, 2, 3]) {
          const one = await arraysIn(1, i);
          one.weights[0] = initial[i]!;
          one.gradient[0] = gradients[i]!;
          one.optimizer.update(one.weights, one.gradient, one.slots, 0.1, 3);
          expect(one.weights[0]).toBe(whole.weights[i]);
          for (const name of slotNames) expect(one.slots[name]![0]).toBe(whole.slots[name]![i]);
        }
      }),
    );
  });

  it('lets what fades come to 0, and not to numbers that are slow', async () => {
    const { optimizer, weights, gradient, slots } = await arraysIn(7, 0);
    gradient.fill(1e-12);
    optimizer.update(weights, gradient, slots, 0.1, 0);
    gradient.fill(0);
    for (let step = 1; step < 2_000; step++) optimizer.update(weights, gradient, slots, 0.1, step);
    expect(slots.momentum).toEqual(new Float32Array(7));
    // 1e-27 fades by a thousandth a step.
    for (let step = 0; step < 30_000; step++) optimizer.update(weights, gradient, slots, 0, step);
    expect(slots.velocity).toEqual(new Float32Array(7));
  });

  it('keeps what is no number', async () => {
    const { optimizer, weights, gradient, slots } = await arraysIn(5, 0);
    gradient.fill(Number.NaN);
    optimizer.update(weights, gradient, slots, 0.1, 0);
    for (const array of [weights, ...Object.values(slots)]) {
      expect(array.every(Number.isNaN)).toBe(true);
    }
  });

  it('refuses arrays of other memory and of other lengths', async () => {
    const { optimizer, weights, gradient, slots } = await arraysIn(5, 0);
    const elsewhere = new Float32Array(5);
    expect(() => optimizer.update(weights, elsewhere, slots, 0.1, 0)).toThrow(/outside/);
    expect(() => optimizer.update(elsewhere, gradient, slots, 0.1, 0)).toThrow(/outside/);
    const short = gradient.subarray(1);
    expect(() => optimizer.update(weights, short, slots, 0.1, 0)).toThrow(/4 elements/);
    const other = { ...slots, velocity: short };
    expect(() => optimizer.update(weights, gradient, other, 0.1, 0)).toThrow(/velocity/);
  });

  it.each([{ name: 'sgd' }, { name: 'adam', amsgrad: true }, { name: 'adam', epsilon: 1e-20 }])(
    'is not there for %o',
    async (config) => {
      const memory = await KernelMemory.create(0);
      const parsed: OptimizerConfig = optimizerConfigSchema.parse(config);
      expect(await vectorized(parsed, memory)).toBeNull();
    },
  );
});
