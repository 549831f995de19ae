import { optimizerConfigSchema, optimizerNames } from '@lockstep/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataset } from '../../hdf5/tree.js';
import { optimizerFromKeras, optimizerToKeras, shortest } from './config.js';
import { slotOrder } from './slots.js';
import { stateFrom } from './variables.js';

const adam = optimizerConfigSchema.parse({ name: 'adam', amsgrad: true });

describe("Keras's optimizer configuration", () => {
  it.each(optimizerNames)('comes back as it was: %s', (name) => {
    const config = optimizerConfigSchema.parse({ name, learningRate: 0.003 });
    expect(optimizerFromKeras(optimizerToKeras(config))).toEqual(config);
  });

  it('with a decay of the weights, Adam is AdamW', () => {
    const read = optimizerFromKeras({ class_name: 'Adam', config: { weight_decay: 0.01 } });
    expect(read).toMatchObject({ name: 'adamw', weightDecay: 0.01 });
  });

  it.each([
    [{ class_name: 'Nadam', config: {} }, 'its optimizer is "Nadam", which Lockstep does not have'],
    [
      { class_name: 'SGD', config: { clipnorm: 1 } },
      'its optimizer SGD has clipnorm 1, which Lockstep does not have',
    ],
    [
      { class_name: 'SGD', config: { weight_decay: 0.1 } },
      'its optimizer SGD has weight_decay 0.1, which Lockstep does not have',
    ],
    [
      { class_name: 'Adam', config: { learning_rate: { class_name: 'CosineDecay' } } },
      /^its optimizer Adam cannot be read: learningRate: /,
    ],
  ])('says why not: %j', (json, why) => {
    expect(optimizerFromKeras(json)).toEqual(
      typeof why === 'string' ? why : expect.stringMatching(why),
    );
  });
});

describe('shortest', () => {
  it('has the same float32, and no more digits than it takes', () => {
    expect(shortest(0.0010000000474974513)).toBe(0.001);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortest(value))).toBe(value);
      }),
    );
  });
});

describe("Keras's optimizer variables", () => {
  it('has the slots of a weight side by side, but for those of amsgrad, which come last', () => {
    const named = slotOrder(adam, 2).map(({ weight, slot }) => `${slot} ${weight}`);
    expect(named).toEqual([
      ...['momentum 0', 'velocity 0', 'momentum 1', 'velocity 1'],
      ...['velocity_hat 0', 'velocity_hat 1'],
    ]);
  });

  const trainable = [{ values: new Float32Array(2) }];
  const counted = dataset(BigInt64Array.of(3n), []);
  const rate = dataset(Float32Array.of(0.01), []);
  const slot = dataset(new Float32Array(2), [2]);

  it('takes the rate in force, not the one that it was made with', () => {
    const state = stateFrom([counted, rate, slot, slot, slot], adam, trainable);
    expect(state).toMatchObject({
      optimizer: { config: { learningRate: 0.01 }, iterations: 3 },
      slots: [{ momentum: slot.values, velocity: slot.values, velocity_hat: slot.values }],
    });
  });

  it.each([
    ['no iteration', [rate, slot], 'its optimizer has no iteration and learning_rate'],
    ['too few', [counted, rate, slot], 'its optimizer has 1 variables for 1 trainable weights'],
    [
      'another size',
      [counted, rate, slot, slot, dataset(new Float32Array(3), [3])],
      "its optimizer's variable 4 is not as large",
    ],
  ])('says why not: %s', (_what, variables, why) => {
    expect(stateFrom(variables, adam, trainable)).toContain(why);
  });
});
