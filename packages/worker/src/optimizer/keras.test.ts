import { readFileSync } from 'node:fs';
import { optimizerConfigSchema, optimizerNames } from '@lockstep/core';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from './create.js';

/** Written by tools/golden/keras_optimizers.py with the real Keras. */
interface Golden {
  initial: number[];
  gradients: number[][];
  cases: {
    config: { name: string };
    learningRate: number;
    weights: number[][];
    slots: Record<string, number[]>;
  }[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('./keras.golden.json', import.meta.url), 'utf8'),
);

/** Within 1e-5 of the expected value; a value that has come close to zero, within 1e-5 of 0.1. */
function expectClose(actual: Float32Array, expected: number[], where: string) {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(actual[i]! - value);
    const limit = 1e-5 * Math.max(Math.abs(value), value === 0 ? 0 : 0.1);
    expect(error, `${where}[${i}]: ${actual[i]} for ${value}`).toBeLessThanOrEqual(limit);
  }
}

describe('the update rules of Keras 3', () => {
  it('has a case for every optimizer', () => {
    expect(new Set(golden.cases.map((each) => each.config.name))).toEqual(new Set(optimizerNames));
  });

  it.each(golden.cases)('$config', ({ config, learningRate, weights, slots }) => {
    const parsed = optimizerConfigSchema.parse(config);
    expect(Math.fround(parsed.learningRate)).toBe(learningRate);

    const optimizer = createOptimizer(parsed);
    expect(optimizer.slotNames).toEqual(Object.keys(slots));
    const ours = Float32Array.from(golden.initial);
    const ourSlots = Object.fromEntries(
      optimizer.slotNames.map((name) => [name, optimizer.initialSlot(name, ours.length)]),
    );
    for (const [step, gradient] of golden.gradients.entries()) {
      optimizer.update(ours, Float32Array.from(gradient), ourSlots, parsed.learningRate, step);
      expectClose(ours, weights[step]!, `weights after step ${step}`);
    }
    for (const [name, values] of Object.entries(slots)) expectClose(ourSlots[name]!, values, name);
  });
});
