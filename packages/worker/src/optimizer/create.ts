import { LockstepError, type OptimizerConfig } from '@lockstep/core';
import { adadelta } from './adadelta.js';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamax } from './adamax.js';
import { adamw } from './adamw.js';
import type { Optimizer } from './optimizer.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

/** The update rule of a configuration. The learning rate is not in it: it comes with each update. */
export function createOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.name) {
    case 'sgd':
      return sgd(config);
    case 'rmsprop':
      return rmsprop(config);
    case 'adagrad':
      return adagrad(config);
    case 'adadelta':
      return adadelta(config);
    case 'adam':
      return adam(config);
    case 'adamw':
      return adamw(config);
    case 'adamax':
      return adamax(config);
    default: {
      const unknown: never = config;
      throw new LockstepError('INTERNAL', `no update rule for ${JSON.stringify(unknown)}`);
    }
  }
}
