import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf } from './optimizer.js';

type AdagradConfig = Extract<OptimizerConfig, { name: 'adagrad' }>;

/**
 * Divides the gradient by the root of the sum of all its squares so far:
 *
 *     a = a + g²                          (a starts at initialAccumulatorValue)
 *     w = w - lr g / sqrt(a + epsilon)    (epsilon stands inside the root)
 *
 * Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization".
 * https://keras.io/api/optimizers/adagrad/
 */
export function adagrad({ initialAccumulatorValue, epsilon }: AdagradConfig): Optimizer {
  return {
    slotNames: ['accumulator'],
    initialSlot: (_name, length) => new Float32Array(length).fill(initialAccumulatorValue),
    update(weights, gradient, slots, learningRate) {
      checkGradient(weights, gradient);
      const accumulator = slotOf(slots, 'accumulator', weights);
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        accumulator[i]! += g * g;
        weights[i]! -= (learningRate * g) / Math.sqrt(accumulator[i]! + epsilon);
      }
    },
  };
}
