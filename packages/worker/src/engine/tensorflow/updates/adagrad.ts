import type { OptimizerConfig } from '@lockstep/core';
import type { GraphVariable, Output } from '@lockstep/tensorflow';
import { type GraphUpdate, plainRate } from './update.js';

type AdagradConfig = Extract<OptimizerConfig, { name: 'adagrad' }>;

/** Composed: TensorFlow's kernel has epsilon outside the root, Keras inside. */
export function adagrad({ epsilon }: AdagradConfig): GraphUpdate {
  return {
    scalarsOf: plainRate,
    update(graph, { weight, slots, gradient, scalars, after }) {
      const accumulator = slots.accumulator!;
      const attributes = { dtype: { type: gradient.type } };
      const old = graph.node('ReadVariableOp', [accumulator.handle], attributes);
      const sum = graph.node('AddV2', [old, graph.node('Square', [gradient])]);
      const root = graph.node('Sqrt', [graph.node('AddV2', [sum, graph.float32(epsilon)])]);
      const step = graph.node('RealDiv', [graph.node('Mul', [gradient, scalars.rate!]), root]);
      const assign = (type: string, { handle }: GraphVariable, value: Output) =>
        graph.operation(type, {
          inputs: [handle, value],
          attributes,
          after,
        });
      return [
        assign('AssignVariableOp', accumulator, sum),
        assign('AssignSubVariableOp', weight, step),
      ];
    },
  };
}
