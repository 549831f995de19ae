import '@tensorflow/tfjs-backend-cpu';
import { callUserCode, LockstepError } from '@lockstep/core';
import { canonicalTopology, type Topology } from '@lockstep/core/model';
import * as core from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { startBackend } from '../engine/tfjs/backend.js';
import type { CreateModel } from './createModel.js';
import { withKerasNames } from './kerasNames.js';

/** Has the function make its model on the CPU backend, of which nothing is kept but the topology. */
export async function userTopology(createModel: CreateModel, where: string): Promise<Topology> {
  await startBackend('cpu');
  const model: unknown = await callUserCode(where, () => createModel({ ...core, ...layers }));
  if (!(model instanceof layers.LayersModel)) {
    throw new LockstepError('USER_CODE', `${where} gave no model of TensorFlow.js`, {
      hint: 'Return tf.sequential(...) or tf.model(...), made with the tf that it is given.',
    });
  }
  const topology = canonicalTopology(model.toJSON(null, false));
  model.dispose();
  return withKerasNames(topology);
}
