import type {
  LayerDescription,
  LayerWeight,
  ModelDescription,
  ModelSpec,
} from '@lockstep/core/model';
import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';
import { type LayerJson, layersOf, nameOf } from '../model/index.js';

type Layer = layers.Layer;

/** What TensorFlow.js made of a topology; names, classes and options are the topology's own. */
export function describeNetwork(spec: ModelSpec, network: LayersModel): ModelDescription {
  const places = placesOf(network);
  const written = new Map(layersOf(spec.topology as LayerJson).map((json) => [nameOf(json), json]));
  const described = network.layers.map((layer): LayerDescription => {
    const json = written.get(layer.name);
    return {
      name: layer.name,
      className: json?.class_name ?? layer.getClassName(),
      config: json?.config ?? {},
      outputShape: oneShape(layer.outputShape),
      inputs: inputsOf(layer),
      weights: layer.weights.map((variable) => weightOf(layer, variable, places)),
    };
  });
  return {
    name: spec.name,
    inputShape: oneShape(network.inputs[0]!.shape),
    layers: described.filter(({ className }) => !isHidden(spec, className)),
  };
}

/** TensorFlow.js gives a Sequential an input layer of its own; Keras shows none. */
function isHidden({ topology }: ModelSpec, className: string): boolean {
  return topology.class_name === 'Sequential' && className === 'InputLayer';
}

interface Place {
  readonly offset: number;
  readonly trainable: boolean;
}

/** Where each weight lies in the flat arrays: the trainable ones first, as a checkpoint has them. */
function placesOf({ trainableWeights, nonTrainableWeights }: LayersModel): Map<number, Place> {
  const places = new Map<number, Place>();
  let offset = 0;
  for (const [index, variable] of [...trainableWeights, ...nonTrainableWeights].entries()) {
    places.set(variable.id, { offset, trainable: index < trainableWeights.length });
    offset += lengthOf(variable);
  }
  return places;
}

function weightOf(layer: Layer, variable: LayerVariable, places: Map<number, Place>): LayerWeight {
  const prefix = `${layer.name}/`;
  const { originalName } = variable;
  return {
    name: originalName.startsWith(prefix) ? originalName.slice(prefix.length) : originalName,
    shape: variable.shape.map(Number),
    length: lengthOf(variable),
    ...places.get(variable.id)!,
  };
}

const lengthOf = ({ shape }: LayerVariable): number =>
  shape.reduce<number>((product, side) => product * Number(side), 1);

/** A layer with several outputs is described by the first: the models that are trained here have one. */
function oneShape(shape: Layer['outputShape'] | readonly (number | null)[]): (number | null)[] {
  const [first] = shape;
  return (Array.isArray(first) ? first : [...shape]) as (number | null)[];
}

function inputsOf(layer: Layer): string[] {
  const nodes = layer.inboundNodes;
  return [...new Set(nodes.flatMap((node) => node.inboundLayers.map(({ name }) => name)))];
}
