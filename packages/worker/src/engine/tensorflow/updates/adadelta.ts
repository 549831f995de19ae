import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate, plainRate } from './update.js';

type AdadeltaConfig = Extract<OptimizerConfig, { name: 'adadelta' }>;

export function adadelta({ rho, epsilon }: AdadeltaConfig): GraphUpdate {
  return {
    scalarsOf: plainRate,
    update(graph, target) {
      const slotNames = ['accumulated_grad', 'accumulated_delta_var'];
      const constants = [rho, epsilon].map((value) => graph.float32(value));
      const inputs = [target.scalars.rate!, ...constants, target.gradient];
      return [applyKernel(graph, 'ResourceApplyAdadelta', target, slotNames, inputs)];
    },
  };
}
