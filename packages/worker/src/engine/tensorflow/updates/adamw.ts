import type { OptimizerConfig } from '@lockstep/core';
import { adam } from './adam.js';
import type { GraphUpdate } from './update.js';

type AdamwConfig = Extract<OptimizerConfig, { name: 'adamw' }>;

export function adamw({ weightDecay, ...config }: AdamwConfig): GraphUpdate {
  const inner = adam(config);
  return {
    scalarsOf: (learningRate, iterations) => ({
      ...inner.scalarsOf(learningRate, iterations),
      decay: learningRate * weightDecay,
    }),
    update(graph, target) {
      const { weight, gradient, scalars, after } = target;
      const attributes = { dtype: { type: gradient.type } };
      const old = graph.node('ReadVariableOp', [weight.handle], attributes);
      const decayed = graph.operation('AssignSubVariableOp', {
        inputs: [weight.handle, graph.node('Mul', [old, scalars.decay!])],
        attributes,
        after,
      });
      return inner.update(graph, { ...target, after: [...after, decayed.pointer] });
    },
  };
}
