import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf, zeroSlot } from './optimizer.js';

type AdamaxConfig = Extract<OptimizerConfig, { name: 'adamax' }>;

/**
 * Adam with the infinity norm in place of the root of the mean square; t counts from 1:
 *
 *     m = m + (1 - beta1) (g - m)
 *     u = max(beta2 u, |g|)
 *     w = w - lr / (1 - beta1^t) m / (u + epsilon)
 *
 * Kingma and Ba 2014, "Adam: a method for stochastic optimization", section 7.1.
 * https://keras.io/api/optimizers/adamax/
 */
export function adamax({ beta1, beta2, epsilon }: AdamaxConfig): Optimizer {
  return {
    slotNames: ['momentum', 'norm'],
    initialSlot: zeroSlot,
    update(weights, gradient, slots, learningRate, iterations) {
      checkGradient(weights, gradient);
      const momentum = slotOf(slots, 'momentum', weights);
      const norm = slotOf(slots, 'norm', weights);
      const alpha = learningRate / (1 - beta1 ** (iterations + 1));
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        momentum[i]! += (1 - beta1) * (g - momentum[i]!);
        norm[i] = Math.max(beta2 * norm[i]!, Math.abs(g));
        weights[i]! -= (alpha * momentum[i]!) / (norm[i]! + epsilon);
      }
    },
  };
}
