import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate } from './update.js';

type AdamConfig = Omit<Extract<OptimizerConfig, { name: 'adam' }>, 'name'>;

/**
 * The kernel subtracts the betas from 1 in float32, where 1 - 0.999 is 1.3e-5 less than 0.001; velocity
 * begins that much smaller than the host computes it. The correction of its start is that of the same
 * rounded betas, so that the steps are those of the host to float32 rounding.
 */
export function adam({ beta1, beta2, epsilon, amsgrad }: AdamConfig): GraphUpdate {
  const type = amsgrad ? 'ResourceApplyAdamWithAmsgrad' : 'ResourceApplyAdam';
  const slotNames = ['momentum', 'velocity', ...(amsgrad ? ['velocity_hat'] : [])];
  return {
    scalarsOf(learningRate, iterations) {
      const [start1, start2] = [beta1, beta2].map(
        (beta) => 1 - Math.fround(beta) ** (iterations + 1),
      );
      return { rate: (learningRate * Math.sqrt(start2!)) / start1! };
    },
    update(graph, target) {
      // The rate is corrected already: as powers of the betas, zeros leave it as it is.
      const powers = [graph.float32(0), graph.float32(0)];
      const constants = [beta1, beta2, epsilon].map((value) => graph.float32(value));
      const inputs = [...powers, target.scalars.rate!, ...constants, target.gradient];
      return [applyKernel(graph, type, target, slotNames, inputs)];
    },
  };
}
