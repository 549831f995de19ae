import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate, plainRate } from './update.js';

type RmspropConfig = Extract<OptimizerConfig, { name: 'rmsprop' }>;

export function rmsprop({ rho, momentum, epsilon, centered }: RmspropConfig): GraphUpdate {
  const type = centered ? 'ResourceApplyCenteredRMSProp' : 'ResourceApplyRMSProp';
  const slotNames = [...(centered ? ['average_gradient'] : []), 'velocity', 'momentum'];
  return {
    scalarsOf: plainRate,
    // The kernel keeps its last step there; with momentum 0 it never looks at it.
    scratch: momentum > 0 ? [] : ['momentum'],
    update(graph, target) {
      const constants = [rho, momentum, epsilon].map((value) => graph.float32(value));
      const inputs = [target.scalars.rate!, ...constants, target.gradient];
      return [applyKernel(graph, type, target, slotNames, inputs)];
    },
  };
}
