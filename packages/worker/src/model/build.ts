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
import { type Metric, metricsByName } from '../metric/index.js';
import { Noise } from '../noise/index.js';
import { initialWeights } from './initialWeights.js';
import { classNamesOfOurs, drawNoiseFrom } from './noiseLayers/index.js';
import { poolingClassOf } from './pooling/index.js';
import { refuseUnfitLayers } from './refusals.js';
import { layersOf, withoutHead } from './topology.js';

/** A network in TensorFlow.js, and what its weights start from. */
export interface BuiltModel {
  /** Gives scores: the loss may have the last activation in itself. Its own weights are zero so far. */
  readonly network: LayersModel;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
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
  /** Outputs of a sample. */
  readonly units: number;
}

/**
 * Builds the topology on the current TensorFlow.js backend.
 *
 * @throws USAGE where the topology cannot be built, naming the layer where it is to blame.
 */
export async function buildModel(spec: ModelSpec, seed: number): Promise<BuiltModel> {
  refuseUnfitLayers(spec.name, spec.topology);
  const loss = lossByName(spec.loss);
  const topology = withoutHead(spec.topology, loss.head);
  const network = await buildNetwork(spec.name, topology);
  const { inputShape, units } = shapesOf(spec.name, network);
  refuseConstant(spec.name, loss, units);
  const variables = [...network.trainableWeights, ...network.nonTrainableWeights];
  const parameters = layOut(variables, network.trainableWeights.length);
  const noise = new Noise(seed);
  drawNoiseFrom(noise, network);
  return {
    network,
    loss,
    metrics: metricsByName(spec.metrics ?? [], units),
    noise,
    variables,
    parameters,
    gradientLength: parameters
      .filter(({ trainable }) => trainable)
      .reduce((sum, { length }) => sum + length, 0),
    initialWeights: initialWeights(spec.topology, parameters, seed),
    inputShape,
    units,
  };
}

/** The network as the topology has it, but for its noise layers; all weights are zero. USAGE where it cannot be. */
export async function buildNetwork(name: string, topology: Topology): Promise<LayersModel> {
  try {
    const modelTopology = withOurLayers(withZeroInitializers(topology));
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

/**
 * With our layers in the place of TensorFlow.js's: dropout, whose masks no two ranks would share, and pooling, whose
 * gradient is another one at the border.
 */
function withOurLayers(topology: Topology): Topology {
  const copy = structuredClone(topology);
  for (const layer of layersOf(copy)) {
    layer.class_name = classNamesOfOurs[layer.class_name] ?? poolingClassOf(layer);
  }
  return copy;
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

/** Of a single unit softmax is 1, whatever its score. */
function refuseConstant(name: string, { head, name: loss }: Loss, units: number): void {
  if (head !== 'softmax' || units > 1) return;
  throw new LockstepError(
    'USAGE',
    `the model '${name}' ends in the softmax of one unit, always 1`,
    {
      hint: `Give the last layer a unit for each class, or use sigmoid and binary_crossentropy in the place of ${loss}.`,
    },
  );
}

function shapesOf(name: string, { inputs, outputs }: LayersModel) {
  const [input, output] = [inputs[0], outputs[0]];
  const units = output?.shape[1];
  if (inputs.length === 1 && outputs.length === 1 && output?.rank === 2 && units != null) {
    return { inputShape: input!.shape.slice(1), units };
  }
  const shapes = outputs.map((each) => `[${each.shape.map((size) => size ?? 'null')}]`).join(', ');
  throw new LockstepError(
    'USAGE',
    `the model '${name}' has ${inputs.length} inputs and the output shapes ${shapes}`,
    { hint: 'Train models with one input and one output of the shape [null, units].' },
  );
}
