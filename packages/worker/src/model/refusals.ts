import { LockstepError } from '@lockstep/core';
import { serialization } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import type { Topology } from '@lockstep/core/model';
import { isKnownActivation } from './activations/index.js';
import { refuseUnfitNoise } from './noiseLayers/index.js';
import { type LayerJson, layersOf, nameOf } from './topology.js';

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
    refuseUnknownActivation(where, layer);
    refuseIgnored(where, layer);
    refuseDilation(where, layer);
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

function refuseUnknownActivation(where: string, { config }: LayerJson): void {
  for (const key of ['activation', 'recurrent_activation']) {
    const activation = config[key];
    if (activation == null) continue;
    if (typeof activation === 'string' && isKnownActivation(activation)) continue;
    throw new LockstepError(
      'USAGE',
      `${where} has the ${key} ${JSON.stringify(activation)}, which is not known`,
      { hint: 'Use an activation of https://keras.io/api/layers/activations/ by its name.' },
    );
  }
}

/** Settings that TensorFlow.js does not read, each with the value at which it need not. */
const ignored: Readonly<Record<string, unknown>> = {
  groups: 1,
  keepdims: false,
  negative_slope: 0,
  threshold: 0,
  output_padding: null,
  quantization_config: null,
  rms_scaling: false,
};

/** A setting that would be ignored in silence makes another network. ThresholdedReLU's theta is not among them. */
function refuseIgnored(where: string, { class_name, config }: LayerJson): void {
  for (const [key, neutral] of Object.entries(ignored)) {
    const value = config[key];
    if (value == null || value === neutral) continue;
    throw new LockstepError(
      'USAGE',
      `${where} is a ${class_name} with ${key} ${JSON.stringify(value)}, which TensorFlow.js does not have`,
      { hint: `Leave ${key} out, or put the network together from other layers.` },
    );
  }
}

/** TensorFlow.js computes dilated convolutions, but has no gradient of them. */
function refuseDilation(where: string, { config: { dilation_rate: rate } }: LayerJson): void {
  if (rate == null || [rate].flat().every((each) => each === 1)) return;
  throw new LockstepError(
    'USAGE',
    `${where} has the dilation_rate ${JSON.stringify(rate)}, which cannot be trained`,
    { hint: 'Set it to 1, and take a larger kernel or a stride.' },
  );
}
