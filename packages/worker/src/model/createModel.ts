import type { Topology } from '@lockstep/core/model';
import type * as core from '@tensorflow/tfjs-core';
import type * as layers from '@tensorflow/tfjs-layers';

/** TensorFlow.js, as `import * as tf from '@tensorflow/tfjs'` has it: operations and layers. */
export type TensorFlowJs = Omit<typeof core, 'default'> & Omit<typeof layers, 'default'>;

/** Makes a model; what is used of it is its topology, since weights come from the run's seed. */
export type CreateModel = (tf: TensorFlowJs) => layers.LayersModel | Promise<layers.LayersModel>;

/**
 * The topology of the model that a function makes. No tensor library is loaded before this is called.
 *
 * @param where names the function in errors
 * @throws USER_CODE where the function throws, or gives something else
 */
export async function topologyOf(createModel: CreateModel, where: string): Promise<Topology> {
  const { userTopology } = await import('./userTopology.js');
  return userTopology(createModel, where);
}
