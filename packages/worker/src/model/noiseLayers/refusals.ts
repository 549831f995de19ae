import { LockstepError } from '@lockstep/core';
import { type LayerJson, layersOf } from '../topology.js';
import { classNamesOfOurs } from './register.js';

/**
 * USAGE where a layer's dropout cannot be the same for any number of ranks, or makes no sense.
 *
 * @param where names the layer
 */
export function refuseUnfitNoise(where: string, layer: LayerJson): void {
  const { class_name, config } = layer;
  if (isOurs(layer)) {
    refuseRate(where, config.rate);
    if (config.noise_shape != null) {
      throw new LockstepError('USAGE', `${where} has a noise_shape, which is not supported`, {
        hint: 'Leave it out, or use SpatialDropout1D to drop whole channels.',
      });
    }
  }
  if (config.layer !== undefined && layersOf(layer).some(isOurs)) {
    throw new LockstepError('USAGE', `${where} is a ${class_name} around dropout`, {
      hint: 'Put the dropout layer before or after it.',
    });
  }
  for (const key of ['dropout', 'recurrent_dropout']) {
    if (!config[key]) continue;
    throw new LockstepError('USAGE', `${where} has a ${key}, which is not supported`, {
      hint: 'Set it to 0, and put a Dropout layer before or after it.',
    });
  }
}

function isOurs({ class_name }: LayerJson): boolean {
  return Object.hasOwn(classNamesOfOurs, class_name);
}

function refuseRate(where: string, rate: unknown): void {
  if (typeof rate === 'number' && rate >= 0 && rate < 1) return;
  throw new LockstepError('USAGE', `${where} has the rate ${JSON.stringify(rate)}`, {
    hint: 'The rate is the fraction to drop: 0 or more, and less than 1.',
  });
}
