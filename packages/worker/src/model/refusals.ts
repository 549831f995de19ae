import { LockstepError } from '@lockstep/core';
import { serialization } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { Topology } from '@lockstep/core/model';
import { refuseUnfitNoise } from './noiseLayers/index.js';
import { layersOf, nameOf } from './topology.js';

const ownNoise = 'draws its own random numbers in every step, which no two ranks would share';
const ownStatistics =
  "changes weights in the forward pass, from one rank's samples only, so that ranks would drift apart";

/** Layers that TensorFlow.js has, but with which N workers would not train the network that one does. */
const refused: Readonly<Record<string, string>> = {
  BatchNormalization: ownStatistics,
  GaussianDropout: ownNoise,
  GaussianNoise: ownNoise,
  RandomWidth: ownNoise,
};

/** USAGE, naming the layer, where the topology has one that cannot be built or must not be trained. */
export function refuseUnfitLayers(modelName: string, topology: Topology): void {
  const known = serialization.SerializationMap.getMap().classNameMap;
  for (const layer of layersOf(topology)) {
    const where = `layer '${nameOf(layer)}' of the model '${modelName}'`;
    if (!(layer.class_name in known)) {
      throw new LockstepError(
        'USAGE',
        `${where} is of the class '${layer.class_name}', which TensorFlow.js does not have`,
        { hint: 'Use the layers of https://js.tensorflow.org/api/latest/#Layers.' },
      );
    }
    const reason = refused[layer.class_name];
    if (reason !== undefined) {
      throw new LockstepError('USAGE', `${where} is a ${layer.class_name}: it ${reason}`, {
        hint: 'Take the layer out of the model.',
      });
    }
    refuseUnfitNoise(where, layer);
    const constraint = Object.keys(layer.config).find(
      (key) => key.endsWith('_constraint') && layer.config[key] != null,
    );
    if (constraint !== undefined) {
      throw new LockstepError('USAGE', `${where} has a ${constraint}, which is not supported`, {
        hint: 'Take the constraint out of the model.',
      });
    }
  }
}
