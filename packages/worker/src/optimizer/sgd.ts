import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf, zeroSlot } from './optimizer.js';

type SgdConfig = Extract<OptimizerConfig, { name: 'sgd' }>;

/**
 * Gradient descent, with momentum where `momentum` is above 0:
 *
 *     plain:     w = w - lr g
 *     momentum:  v = momentum v - lr g;  w = w + v
 *     Nesterov:  v = momentum v - lr g;  w = w + momentum v - lr g
 *
 * Nesterov as in Sutskever et al. 2013, "On the importance of initialization and momentum in deep
 * learning". The learning rate is inside the velocity: https://keras.io/api/optimizers/sgd/
 */
export function sgd({ momentum, nesterov }: SgdConfig): Optimizer {
  return {
    slotNames: momentum === 0 ? [] : ['momentum'],
    initialSlot: zeroSlot,
    update(weights, gradient, slots, learningRate) {
      checkGradient(weights, gradient);
      const length = weights.length;
      if (momentum === 0) {
        for (let i = 0; i < length; i++) weights[i]! -= learningRate * gradient[i]!;
        return;
      }
      const velocity = slotOf(slots, 'momentum', weights);
      if (nesterov) {
        for (let i = 0; i < length; i++) {
          const step = learningRate * gradient[i]!;
          velocity[i] = momentum * velocity[i]! - step;
          weights[i]! += momentum * velocity[i]! - step;
        }
      } else {
        for (let i = 0; i < length; i++) {
          velocity[i] = momentum * velocity[i]! - learningRate * gradient[i]!;
          weights[i]! += velocity[i]!;
        }
      }
    },
  };
}
