import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate } from './update.js';

type AdamaxConfig = Extract<OptimizerConfig, { name: 'adamax' }>;

export function adamax({ beta1, beta2, epsilon }: AdamaxConfig): GraphUpdate {
  return {
    scalarsOf: (learningRate, iterations) => ({
      rate: learningRate / (1 - beta1 ** (iterations + 1)),
    }),
    update(graph, target) {
      // The rate is corrected already: as a power of beta, zero leaves it as it is.
      const constants = [beta1, beta2, epsilon].map((value) => graph.float32(value));
      const inputs = [graph.float32(0), target.scalars.rate!, ...constants, target.gradient];
      return [applyKernel(graph, 'ResourceApplyAdaMax', target, ['momentum', 'norm'], inputs)];
    },
  };
}
