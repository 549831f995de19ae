import type { OptimizerConfig } from '@lockstep/core';
import { checkGradient, type Optimizer, slotOf, zeroSlot } from './optimizer.js';

export type AdamConfig = Omit<Extract<OptimizerConfig, { name: 'adam' }>, 'name'>;

/**
 * Moving averages of the gradient and of its square, corrected for their start at zero; t counts from 1:
 *
 *     m = m + (1 - beta1) (g - m)
 *     v = v + (1 - beta2) (g² - v)
 *     h = max(h, v)                                     (amsgrad only; otherwise h = v)
 *     w = w - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(h) + epsilon)
 *
 * Kingma and Ba 2014, "Adam: a method for stochastic optimization", in the form just before section 2.1,
 * whose epsilon ("epsilon hat") stands outside the root and is not bias-corrected; amsgrad as in Reddi
 * et al. 2018, "On the convergence of Adam and beyond". https://keras.io/api/optimizers/adam/
 */
export function adam({ beta1, beta2, epsilon, amsgrad }: AdamConfig): Optimizer {
  return {
    slotNames: ['momentum', 'velocity', ...(amsgrad ? ['velocity_hat'] : [])],
    initialSlot: zeroSlot,
    update(weights, gradient, slots, learningRate, iterations) {
      checkGradient(weights, gradient);
      const momentum = slotOf(slots, 'momentum', weights);
      const velocity = slotOf(slots, 'velocity', weights);
      const largest = amsgrad ? slotOf(slots, 'velocity_hat', weights) : undefined;
      const alpha = stepSize({ beta1, beta2 }, learningRate, iterations);
      const gain1 = 1 - beta1;
      const gain2 = 1 - beta2;
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        // Rounded here rather than read back from the arrays, which costs a tenth of the time.
        const m = Math.fround(momentum[i]! + gain1 * (g - momentum[i]!));
        const v = Math.fround(velocity[i]! + gain2 * (g * g - velocity[i]!));
        momentum[i] = m;
        velocity[i] = v;
        let h = v;
        if (largest !== undefined) {
          h = Math.max(largest[i]!, v);
          largest[i] = h;
        }
        weights[i]! -= (alpha * m) / (Math.sqrt(h) + epsilon);
      }
    },
  };
}

/** What m / (sqrt(h) + epsilon) is multiplied by: the learning rate, with the averages' start at zero made up for. */
export function stepSize(
  { beta1, beta2 }: Pick<AdamConfig, 'beta1' | 'beta2'>,
  learningRate: number,
  iterations: number,
): number {
  const step = iterations + 1;
  return (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
}
