import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf, zeroSlot } from './optimizer.js';

type AdadeltaConfig = Extract<OptimizerConfig, { name: 'adadelta' }>;

/**
 * Scales the gradient by the ratio of two moving roots of mean squares, so that a step has the unit of
 * the weights:
 *
 *     a = rho a + (1 - rho) g²
 *     d = -g sqrt(u + epsilon) / sqrt(a + epsilon)    (epsilon stands inside the roots; the old u)
 *     u = rho u + (1 - rho) d²
 *     w = w + lr d
 *
 * Zeiler 2012, "ADADELTA: an adaptive learning rate method". https://keras.io/api/optimizers/adadelta/
 */
export function adadelta({ rho, epsilon }: AdadeltaConfig): Optimizer {
  return {
    slotNames: ['accumulated_grad', 'accumulated_delta_var'],
    initialSlot: zeroSlot,
    update(weights, gradient, slots, learningRate) {
      checkGradient(weights, gradient);
      const gradients = slotOf(slots, 'accumulated_grad', weights);
      const deltas = slotOf(slots, 'accumulated_delta_var', weights);
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        gradients[i] = rho * gradients[i]! + (1 - rho) * g * g;
        const delta = -g * Math.sqrt((deltas[i]! + epsilon) / (gradients[i]! + epsilon));
        deltas[i] = rho * deltas[i]! + (1 - rho) * delta * delta;
        weights[i]! += learningRate * delta;
      }
    },
  };
}
