import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate } from './update.js';

type AdamConfig = Omit<Extract<OptimizerConfig, { name: 'adam' }>, 'name'>;

export function adam({ beta1, beta2, epsilon, amsgrad }: AdamConfig): GraphUpdate {
  const type = amsgrad ? 'ResourceApplyAdamWithAmsgrad' : 'ResourceApplyAdam';
  const slotNames = ['momentum', 'velocity', ...(amsgrad ? ['velocity_hat'] : [])];
  return {
    scalarsOf(learningRate, iterations) {
      const step = iterations + 1;
      return { rate: (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step) };
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
