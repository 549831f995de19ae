import type { OptimizerConfig } from '@lockstep/core';
import { applyKernel, type GraphUpdate, plainRate } from './update.js';

type SgdConfig = Extract<OptimizerConfig, { name: 'sgd' }>;

export function sgd({ momentum, nesterov }: SgdConfig): GraphUpdate {
  return {
    scalarsOf: plainRate,
    update(graph, target) {
      const inputs = [target.scalars.rate!, target.gradient];
      if (momentum === 0) {
        return [applyKernel(graph, 'ResourceApplyGradientDescent', target, [], inputs)];
      }
      return [
        applyKernel(
          graph,
          'ResourceApplyKerasMomentum',
          target,
          ['momentum'],
          [...inputs, graph.float32(momentum)],
          { use_nesterov: { bool: nesterov } },
        ),
      ];
    },
  };
}
