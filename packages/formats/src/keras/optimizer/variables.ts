import { type OptimizerConfig, optimizerConfigSchema } from '@lockstep/core';
import { dataset, type HdfDataset } from '../../hdf5/tree.js';
import type { SavedOptimizer, SavedWeight } from '../../savedModel.js';
import { shortest } from './config.js';
import { slotOrder } from './slots.js';

/** A variable of Keras's optimizer: `conv2d_kernel_momentum`. */
export interface OptimizerVariable {
  readonly name: string;
  readonly data: HdfDataset;
}

/**
 * What Keras 3 calls `optimizer.variables`, in its order.
 *
 * @param trainable the trainable weights in Keras's order
 */
export function optimizerVariables(
  { config, iterations }: SavedOptimizer,
  trainable: readonly SavedWeight[],
): OptimizerVariable[] {
  const begun = trainable.some(({ slots }) => Object.keys(slots).length > 0);
  const slots = slotOrder(config, begun ? trainable.length : 0).map(({ weight, slot }) => {
    const { layer, name, shape, slots } = trainable[weight]!;
    return { name: `${layer}_${name}_${slot}`, data: dataset(slots[slot]!, shape) };
  });
  return [
    { name: 'iteration', data: dataset(BigInt64Array.of(BigInt(iterations)), []) },
    { name: 'learning_rate', data: dataset(Float32Array.of(config.learningRate), []) },
    ...slots,
  ];
}

interface Begun {
  readonly optimizer: SavedOptimizer;
  /** Of each trainable weight; empty where the optimizer has not begun. */
  readonly slots: readonly SavedWeight['slots'][];
}

/**
 * The state in Keras's optimizer variables.
 *
 * @returns why not, as a sentence, where they are not those of this optimizer for these weights
 */
export function stateFrom(
  variables: readonly HdfDataset[],
  config: OptimizerConfig,
  trainable: readonly Pick<SavedWeight, 'values'>[],
): Begun | string {
  const [iteration, learningRate, ...rest] = variables;
  const count = iteration?.values[0];
  const rate = learningRate?.values[0];
  if (typeof count !== 'bigint' || typeof rate !== 'number' || count < 0n) {
    return 'its optimizer has no iteration and learning_rate to begin with';
  }
  const now = optimizerConfigSchema.safeParse({ ...config, learningRate: shortest(rate) });
  if (!now.success) return `its optimizer has the learning rate ${rate}`;
  const optimizer = { config: now.data, iterations: Number(count) };
  const empty = trainable.map(() => ({}));
  if (rest.length === 0) return { optimizer, slots: empty };
  const order = slotOrder(config, trainable.length);
  if (order.length !== rest.length) {
    return `its optimizer has ${rest.length} variables for ${trainable.length} trainable weights, not ${order.length}`;
  }
  const slots: Record<string, Float32Array>[] = empty;
  for (const [index, { weight, slot }] of order.entries()) {
    const { values } = rest[index]!;
    if (!(values instanceof Float32Array) || values.length !== trainable[weight]!.values.length) {
      return `its optimizer's variable ${index + 2} is not as large as the weight it belongs to`;
    }
    slots[weight]![slot] = values;
  }
  return { optimizer, slots };
}
