import type { OptimizerConfig } from '@lockstep/core';

/**
 * The optimizer's slots in the order of Keras's variables: group after group, and within a group, weight after
 * weight, the slots of one weight side by side. Adam's is `m1 v1 m2 v2 ... h1 h2 ...`.
 */
function slotGroups(config: OptimizerConfig): readonly (readonly string[])[] {
  switch (config.name) {
    case 'sgd':
      return config.momentum === 0 ? [] : [['momentum']];
    case 'rmsprop':
      return [
        ['velocity'],
        ...(config.momentum > 0 ? [['momentum']] : []),
        ...(config.centered ? [['average_gradient']] : []),
      ];
    case 'adagrad':
      return [['accumulator']];
    case 'adadelta':
      return [['accumulated_grad', 'accumulated_delta_var']];
    case 'adam':
    case 'adamw':
      return [['momentum', 'velocity'], ...(config.amsgrad ? [['velocity_hat']] : [])];
    case 'adamax':
      return [['momentum', 'norm']];
  }
}

/** Which slot of which weight each of Keras's optimizer variables is, after `iteration` and `learning_rate`. */
export function slotOrder(
  config: OptimizerConfig,
  weights: number,
): { readonly weight: number; readonly slot: string }[] {
  return slotGroups(config).flatMap((slots) =>
    Array.from({ length: weights }, (_, weight) => slots.map((slot) => ({ weight, slot }))).flat(),
  );
}
