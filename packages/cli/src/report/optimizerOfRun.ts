import { optimizerConfigSchema } from '@lockstep/core';
import type { CheckpointHeader } from '@lockstep/core/checkpoint';
import type { OptimizerSummary } from '@lockstep/report';
import type { LoadedRun } from '../loadRun.js';

/** A run's optimizer, with what it has in memory. */
export function optimizerOfRun({ checkpoint }: LoadedRun): OptimizerSummary {
  const slots = Object.values(checkpoint.optimizer.slots);
  return {
    description: describeOptimizer(checkpoint.header),
    stateLength: slots.reduce((sum, { length }) => sum + length, 0),
  };
}

/** `adam (learningRate 0.001, beta1 0.9, ...)`, with the rate that is in force. */
function describeOptimizer({
  config,
  learningRate,
}: Pick<CheckpointHeader, 'config' | 'learningRate'>): string {
  const { name, ...options } = optimizerConfigSchema.parse(config.optimizer);
  const words = Object.entries({ ...options, learningRate }).map((pair) => pair.join(' '));
  return `${name} (${words.join(', ')})`;
}
