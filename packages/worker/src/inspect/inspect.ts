import { LockstepError } from '@lockstep/core';
import type { LayerOutput, ModelDescription, ModelSpec } from '@lockstep/core/model';
import '@tensorflow/tfjs-backend-cpu';
import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, model as modelOf } from '@tensorflow/tfjs-layers';
import { startBackend, useBackend } from '../engine/tfjs/backend.js';
import { scaleImages } from '../engine/tfjs/images.js';
import { variableOf } from '../engine/tfjs/network.js';
import { buildNetwork, drawNoiseFrom, refuseUnfitLayers } from '../model/index.js';
import { Noise } from '../noise/index.js';
import { describeNetwork } from './describe.js';

const backend = 'cpu';

/** A model that can be looked into, layer by layer; one image at a time is all it is made for. */
export interface InspectedModel {
  readonly description: ModelDescription;
  /**
   * What each layer makes of an image, in inference mode, in the order of the description.
   *
   * @param image `[height, width, channels]`, uint8
   */
  outputs(image: Uint8Array): LayerOutput[];
  dispose(): void;
}

/**
 * Builds a topology to be looked at, on TensorFlow.js's own JavaScript backend, which every machine has: whichever
 * engine trained it, the layers are the same.
 *
 * @param weights all weights, flat, as a checkpoint has them; without them all are zero
 * @throws USAGE where the topology cannot be built, CHECKPOINT_MISMATCH where the weights are not its own
 */
export async function inspectModel(
  spec: ModelSpec,
  weights?: Float32Array,
): Promise<InspectedModel> {
  refuseUnfitLayers(spec.name, spec.topology);
  await startBackend(backend);
  const network = await buildNetwork(spec.name, spec.topology);
  // It is never in training: nothing is drawn from it.
  drawNoiseFrom(new Noise(0), network);
  if (weights !== undefined) fill(network, weights);
  const description = describeNetwork(spec, network);
  const everyLayer = modelOf({
    inputs: network.inputs,
    outputs: description.layers.flatMap(({ name }) => network.getLayer(name).getOutputAt(0)),
  });
  return {
    description,
    outputs(image) {
      useBackend(backend);
      return tidy(() => {
        const input = tensor(scaleImages(image), [1, ...sizesOf(description)]);
        const outputs = [everyLayer.apply(input) as Tensor | Tensor[]].flat();
        return outputs.map((output, index) => ({
          layer: description.layers[index]!.name,
          shape: output.shape.slice(1),
          values: output.dataSync<'float32'>().slice(),
        }));
      });
    },
    dispose() {
      useBackend(backend);
      network.dispose();
    },
  };
}

function sizesOf({ name, inputShape }: ModelDescription): number[] {
  return inputShape.slice(1).map((size) => {
    if (size !== null) return size;
    throw new LockstepError('USAGE', `the model '${name}' does not say how large its images are`, {
      hint: 'Give its first layer a batch_input_shape with numbers.',
    });
  });
}

function fill(network: LayersModel, weights: Float32Array): void {
  const variables = [...network.trainableWeights, ...network.nonTrainableWeights].map(variableOf);
  const length = variables.reduce((sum, { size }) => sum + size, 0);
  if (length !== weights.length) {
    throw new LockstepError(
      'CHECKPOINT_MISMATCH',
      `there are ${weights.length} weights for a model that has ${length}`,
      { hint: 'Take the checkpoint and the model of the same run.' },
    );
  }
  useBackend(backend);
  let offset = 0;
  for (const variable of variables) {
    const part = weights.subarray(offset, offset + variable.size);
    tidy(() => variable.assign(tensor(part, variable.shape)));
    offset += variable.size;
  }
}
