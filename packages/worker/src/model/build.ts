import { LockstepError } from '@lockstep/core';
import type { ModelSpec, Topology } from '@lockstep/core/model';
import {
  type LayersModel,
  type LayerVariable,
  type ModelAndWeightsConfig,
  models,
} from '@tensorflow/tfjs-layers';
import type { Parameter } from '../engine/engine.js';
import { type Loss, lossByName } from '../loss/index.js';
import { Noise } from '../noise/index.js';
import { initialWeights } from './initialWeights.js';
import { classNamesOfOurs, drawNoiseFrom } from './noiseLayers/index.js';
import { refuseUnfitLayers } from './refusals.js';
import { withoutLastActivation } from './topology.js';

/** A network in TensorFlow.js, and what its weights start from. */
export interface BuiltModel {
  /** Gives logits: the last activation is the loss's business. Its own weights are zero so far. */
  readonly network: LayersModel;
  readonly loss: Loss;
  /** What dropout draws from, in a forward pass in which it is on. */
  readonly noise: Noise;
  /** Trainable weights first, then the rest: the order of `network.weights`. */
  readonly variables: readonly LayerVariable[];
  readonly parameters: readonly Parameter[];
  /** Elements of the trainable weights, and so of the flat gradient. */
  readonly gradientLength: number;
  /** All weights, flat, in that order; a function of topology and seed alone. */
  readonly initialWeights: Float32Array;
  /** The input's shape without the batch. */
  readonly inputShape: readonly (number | null)[];
  readonly classes: number;
}

/**
 * Builds the topology on the current TensorFlow.js backend.
 *
 * @throws USAGE where the topology cannot be built, naming the layer where it is to blame.
 */
export async function buildModel(spec: ModelSpec, seed: number): Promise<BuiltModel> {
  refuseUnfitLayers(spec.name, spec.topology);
  const loss = lossByName(spec.loss);
  const topology = withoutLastActivation(spec.topology, loss.activation);
  const network = await buildNetwork(spec.name, topology);
  const { inputShape, classes } = shapesOf(spec.name, network);
  const variables = [...network.trainableWeights, ...network.nonTrainableWeights];
  const parameters = layOut(variables, network.trainableWeights.length);
  const noise = new Noise(seed);
  drawNoiseFrom(noise, network);
  return {
    network,
    loss,
    noise,
    variables,
    parameters,
    gradientLength: parameters
      .filter(({ trainable }) => trainable)
      .reduce((sum, { length }) => sum + length, 0),
    initialWeights: initialWeights(spec.topology, parameters, seed),
    inputShape,
    classes,
  };
}

/** The network as the topology has it, but for its noise layers; all weights are zero. USAGE where it cannot be. */
export async function buildNetwork(name: string, topology: Topology): Promise<LayersModel> {
  try {
    const modelTopology = withOurNoise(withZeroInitializers(topology));
    return await models.modelFromJSON({
      modelTopology: modelTopology as ModelAndWeightsConfig['modelTopology'],
    });
  } catch (thrown) {
    // The first line says what is wrong; advice to people who write layers follows.
    const [message] = String(thrown instanceof Error ? thrown.message : thrown).split('\n');
    throw new LockstepError('USAGE', `the model '${name}' cannot be built: ${message}`, {
      hint: 'Check the topology; it must be the JSON of a Keras model that TensorFlow.js can load.',
      cause: thrown,
    });
  }
}

/** TensorFlow.js must not draw what is overwritten at once; nor need it know our initializers. */
function withZeroInitializers(topology: Topology): Topology {
  const text = JSON.stringify(topology, (key, value: unknown) =>
    key.endsWith('_initializer') ? { class_name: 'Zeros', config: {} } : value,
  );
  return JSON.parse(text) as Topology;
}

/** With our dropout layers in the place of TensorFlow.js's, whose masks no two ranks would share. */
function withOurNoise(topology: Topology): Topology {
  const text = JSON.stringify(topology, (key, value: unknown) =>
    key === 'class_name' ? (classNamesOfOurs[String(value)] ?? value) : value,
  );
  return JSON.parse(text) as Topology;
}

/** A frozen layer's variables call themselves trainable: only the network's lists know. */
function layOut(variables: readonly LayerVariable[], trainableCount: number): Parameter[] {
  let offset = 0;
  return variables.map(({ originalName, shape }, index) => {
    const trainable = index < trainableCount;
    const sizes = shape.map(Number);
    const length = sizes.reduce((product, size) => product * size, 1);
    const parameter = { name: originalName, shape: sizes, trainable, offset, length };
    offset += length;
    return parameter;
  });
}

function shapesOf(name: string, { inputs, outputs }: LayersModel) {
  const [input, output] = [inputs[0], outputs[0]];
  const classes = output?.shape[1];
  if (inputs.length === 1 && outputs.length === 1 && output?.rank === 2 && classes != null) {
    return { inputShape: input!.shape.slice(1), classes };
  }
  const shapes = outputs.map((each) => `[${each.shape.map((size) => size ?? 'null')}]`).join(', ');
  throw new LockstepError(
    'USAGE',
    `the model '${name}' has ${inputs.length} inputs and the output shapes ${shapes}`,
    { hint: 'Train models with one input and one output of the shape [null, classes].' },
  );
}
