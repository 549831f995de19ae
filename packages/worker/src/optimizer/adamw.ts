import type { OptimizerConfig } from '@lockstep/core';
import { adam } from './adam.js';
import type { Optimizer } from './optimizer.js';

type AdamwConfig = Extract<OptimizerConfig, { name: 'adamw' }>;

/**
 * Adam with weight decay apart from the gradient, applied first and to every trainable weight (biases
 * too, as Keras does unless variables are excluded):
 *
 *     w = w - lr weightDecay w
 *     w = Adam(w)
 *
 * Loshchilov and Hutter 2019, "Decoupled weight decay regularization".
 * https://keras.io/api/optimizers/adamw/
 */
export function adamw({ weightDecay, ...config }: AdamwConfig): Optimizer {
  const inner = adam(config);
  return {
    ...inner,
    update(weights, gradient, slots, learningRate, iterations) {
      const decay = learningRate * weightDecay;
      for (let i = 0; i < weights.length; i++) weights[i]! -= decay * weights[i]!;
      inner.update(weights, gradient, slots, learningRate, iterations);
    },
  };
}
