import { LockstepError, type OptimizerConfig } from '@lockstep/core';
import { adadelta } from './adadelta.js';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamax } from './adamax.js';
import { adamw } from './adamw.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';
import type { GraphUpdate } from './update.js';

export type { GraphUpdate, Target } from './update.js';

/** The update of a configuration, as operations of a graph. */
export function createGraphUpdate(config: OptimizerConfig): GraphUpdate {
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
      throw new LockstepError('INTERNAL', `no update for ${JSON.stringify(unknown)}`);
    }
  }
}
