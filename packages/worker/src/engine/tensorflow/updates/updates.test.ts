import { type OptimizerConfig, optimizerConfigSchema, optimizerNames } from '@lockstep/core';
import { Random } from '@lockstep/core/data';
import type { ModelSpec } from '@lockstep/core/model';
import { alignedFloats } from '@lockstep/tensorflow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createOptimizer } from '../../../optimizer/index.js';
import type { Engine, LoadedModel } from '../../engine.js';
import { relativeDifference } from '../../examples.suite.js';
import { describeWithLibrary } from '../library.suite.js';
import { createTensorflowEngine } from '../tensorflow.js';

/** Updates do not ask what computed the gradient: one layer with its bias is enough. */
const dense: ModelSpec = {
  name: 'dense',
  loss: 'sparse_categorical_crossentropy',
  topology: {
    class_name: 'Sequential',
    config: {
      name: 'dense',
      layers: [
        { class_name: 'Flatten', config: { name: 'flatten', batch_input_shape: [null, 3, 3, 1] } },
        { class_name: 'Dense', config: { name: 'out', units: 4, activation: 'softmax' } },
      ],
    },
  },
};

/** Every optimizer with its defaults, and with each of its options. */
const configs: readonly OptimizerConfig[] = [
  { name: 'sgd' },
  { name: 'sgd', momentum: 0.9 },
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'rmsprop' },
  { name: 'rmsprop', rho: 0.8, momentum: 0.5 },
  { name: 'rmsprop', centered: true },
  { name: 'rmsprop', momentum: 0.5, centered: true, epsilon: 1e-3 },
  { name: 'adagrad' },
  { name: 'adagrad', initialAccumulatorValue: 0, epsilon: 1e-3 },
  { name: 'adadelta' },
  { name: 'adadelta', rho: 0.5, epsilon: 1e-2 },
  { name: 'adam' },
  { name: 'adam', beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
  { name: 'adam', amsgrad: true },
  { name: 'adamw' },
  { name: 'adamw', weightDecay: 0.5, amsgrad: true },
  { name: 'adamax' },
  { name: 'adamax', beta1: 0.5, beta2: 0.9 },
].map((config) => optimizerConfigSchema.parse(config));

const updates = 20;

/** Relative to the largest element; see adam.ts for the one that differs by more than float32 rounding. */
const limitOf = (slot: string): number => (slot.startsWith('velocity') ? 1.4e-5 : 2e-6);

describeWithLibrary('the updates on libtensorflow', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createTensorflowEngine({ automatic: false });
  });
  afterAll(() => engine.dispose());

  const load = (optimizer: OptimizerConfig, seed: number): Promise<LoadedModel> =>
    engine.load(dense, { seed, optimizer, imageShape: [3, 3, 1] });

  it('are tried for every optimizer', () => {
    expect(new Set(configs.map(({ name }) => name))).toEqual(new Set(optimizerNames));
  });

  it.each(configs.map((config) => [JSON.stringify(config), config] as const))(
    'compute what the host computes: %s',
    async (_, config) => {
      let model = await load(config, 1);
      const { weights, optimizer } = await model.readState();
      const host = createOptimizer(config);
      const slots = Object.fromEntries(
        host.slotNames.map((name) => [name, host.initialSlot(name, weights.length)]),
      );
      expect(optimizer).toEqual({ iterations: 0, slots });

      const random = Random.from('gradients', 7);
      const gradient = alignedFloats(weights.length);
      for (let update = 0; update < updates; update++) {
        // As training has it: few gradients are large, some are exactly 0.
        for (const i of gradient.keys()) gradient[i] = (random.below(2001) / 1000 - 1) ** 3;
        gradient[update] = 0;
        const learningRate = 0.01 * (1 + (update % 3));
        host.update(weights, gradient, slots, learningRate, update);
        await model.apply(gradient, learningRate);
        // What the graph still shared of the gradient's memory would show in the end.
        gradient.fill(Number.NaN);
        if (update === 8) {
          const other = await load(config, 2);
          await other.writeState(await model.readState());
          model.dispose();
          model = other;
        }
      }

      const state = await model.readState();
      expect(state.optimizer.iterations).toBe(updates);
      expect(relativeDifference(state.weights, weights)).toBeLessThan(2e-6);
      expect(Object.keys(state.optimizer.slots).sort()).toEqual(Object.keys(slots).sort());
      for (const [name, slot] of Object.entries(slots)) {
        const difference = relativeDifference(state.optimizer.slots[name]!, slot);
        expect(difference, name).toBeLessThan(limitOf(name));
      }
      model.dispose();
    },
  );
});
