import { LockstepError } from '@lockstep/core';
import { Random } from '@lockstep/core/data';
import type { Topology } from '@lockstep/core/model';
import { type InitializerJson, initialise } from './initializers.js';
import { layersOf, nameOf } from './topology.js';

/** What Keras 3 takes for a weight whose layer names no initializer. */
const defaults: Readonly<Record<string, string>> = {
  kernel: 'GlorotUniform',
  depthwise_kernel: 'GlorotUniform',
  pointwise_kernel: 'GlorotUniform',
  recurrent_kernel: 'Orthogonal',
  embeddings: 'RandomUniform',
  gamma: 'Ones',
};

/**
 * All weights, flat, in the order given. Each has a generator of its own, seeded from the run's seed and
 * its place in the order, so that equal layers start different.
 *
 * @param weights with names as TensorFlow.js gives them: `conv2d/kernel`.
 */
export function initialWeights(
  topology: Topology,
  weights: readonly { name: string; shape: readonly number[]; offset: number; length: number }[],
  seed: number,
): Float32Array {
  const layers = new Map(layersOf(topology).map((layer) => [nameOf(layer), layer.config]));
  const total = weights.reduce((sum, weight) => sum + weight.length, 0);
  const flat = new Float32Array(total);
  for (const [index, { name, shape, offset, length }] of weights.entries()) {
    const [layerName, weightName] = name.split('/').slice(-2) as [string, string];
    const initializer = initializerOf(layers.get(layerName) ?? {}, weightName);
    const values = flat.subarray(offset, offset + length);
    try {
      initialise(values, shape, initializer, Random.from('weight', seed, index));
    } catch (thrown) {
      if (!(thrown instanceof LockstepError)) throw thrown;
      throw new LockstepError(
        thrown.code,
        `layer '${layerName}', ${weightName}: ${thrown.message}`,
        {
          ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
          cause: thrown,
        },
      );
    }
  }
  return flat;
}

/**
 * The layer's `kernel_initializer` for `kernel` and so on; for kernels with a first name
 * (`depthwise_kernel`) Keras leaves the word kernel out: `depthwise_initializer`.
 */
function initializerOf(config: Record<string, unknown>, weightName: string): InitializerJson {
  const given =
    config[`${weightName}_initializer`] ??
    config[`${weightName.replace(/_kernel$/, '')}_initializer`] ??
    defaults[weightName] ??
    'Zeros';
  if (typeof given === 'string') return { class_name: given, config: {} };
  const { class_name, config: settings } = given as Partial<InitializerJson>;
  return { class_name: String(class_name), config: settings ?? {} };
}
