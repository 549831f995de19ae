import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf, zeroSlot } from './optimizer.js';

type RmspropConfig = Extract<OptimizerConfig, { name: 'rmsprop' }>;

/**
 * Divides the gradient by the root of a moving average of its square:
 *
 *     v = rho v + (1 - rho) g²
 *     a = rho a + (1 - rho) g                 (centered only; otherwise a = 0)
 *     d = lr g / sqrt(v - a² + epsilon)       (epsilon stands inside the root)
 *     m = momentum m + d;  w = w - m          (without momentum: w = w - d)
 *
 * Tieleman and Hinton 2012, lecture 6.5; centered as in Graves 2013, "Generating sequences with
 * recurrent neural networks". https://keras.io/api/optimizers/rmsprop/
 */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropConfig): Optimizer {
  return {
    slotNames: [
      'velocity',
      ...(momentum > 0 ? ['momentum'] : []),
      ...(centered ? ['average_gradient'] : []),
    ],
    initialSlot: zeroSlot,
    update(weights, gradient, slots, learningRate) {
      checkGradient(weights, gradient);
      const velocity = slotOf(slots, 'velocity', weights);
      const average = centered ? slotOf(slots, 'average_gradient', weights) : undefined;
      const moment = momentum > 0 ? slotOf(slots, 'momentum', weights) : undefined;
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        velocity[i] = rho * velocity[i]! + (1 - rho) * g * g;
        let variance = velocity[i]!;
        if (average !== undefined) {
          average[i] = rho * average[i]! + (1 - rho) * g;
          variance -= average[i]! * average[i]!;
        }
        let step = (learningRate * g) / Math.sqrt(variance + epsilon);
        if (moment !== undefined) {
          moment[i] = momentum * moment[i]! + step;
          step = moment[i]!;
        }
        weights[i]! -= step;
      }
    },
  };
}
