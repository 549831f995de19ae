import type { Topology } from '@lockstep/core/model';
import { isModel, type LayerJson, layerName } from './dialect/layerJson.js';
import { snakeCase } from './dialect/names.js';
import { layersInOrder } from './layerOrder.js';

/** A layer with weights of its own, as Keras's files know it. */
export interface Leaf {
  readonly name: string;
  readonly className: string;
  /** The group of its variables in `model.weights.h5`; null: Lockstep does not know it. */
  readonly path: string | null;
  /** False where it, or a model that it is in, is frozen. */
  readonly trainable: boolean;
  /** The layer of the outermost model that it is, or is in: under this name `.h5` keeps its weights. */
  readonly outer: string;
}

/** Every layer that is no model, those of nested models in their place: the order of Keras's variables. */
export function leavesOf(topology: Topology): Leaf[] {
  return leavesIn(topology, 'layers', true, null);
}

function leavesIn(
  model: LayerJson,
  path: string,
  trainable: boolean,
  outer: string | null,
): Leaf[] {
  const counts = new Map<string, number>();
  return layersInOrder(model).flatMap((layer) => {
    const kind = snakeCase(isModel(layer) ? modelKind(layer) : layer.class_name);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const own = `${path}/${count === 0 ? kind : `${kind}_${count}`}`;
    const learns = trainable && layer.config.trainable !== false;
    const name = layerName(layer);
    if (isModel(layer)) return leavesIn(layer, `${own}/layers`, learns, outer ?? name);
    const inner = innerPaths[layer.class_name];
    return {
      name,
      className: layer.class_name,
      path: inner === null ? null : `${own}${inner ?? ''}/vars`,
      trainable: learns,
      outer: outer ?? name,
    };
  });
}

const modelKind = ({ class_name }: LayerJson): string =>
  class_name === 'Sequential' ? class_name : 'Functional';

/** Layers whose variables belong to something inside of them; null: in several places. */
const innerPaths: Readonly<Record<string, string | null>> = {
  SimpleRNN: '/cell',
  LSTM: '/cell',
  GRU: '/cell',
  ConvLSTM2D: '/cell',
  RNN: null,
  StackedRNNCells: null,
  Bidirectional: null,
  TimeDistributed: null,
};

/** The names of a layer's variables, which `.keras` does not have, in Keras's order. */
export function variableNames(className: string, count: number): string[] {
  const known = namesByClass[className] ?? ['kernel', 'bias'];
  return Array.from({ length: count }, (_, i) => known[i] ?? `variable_${i}`);
}

const namesByClass: Readonly<Record<string, readonly string[]>> = {
  DepthwiseConv2D: ['depthwise_kernel', 'bias'],
  SeparableConv1D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  SeparableConv2D: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  Embedding: ['embeddings'],
  PReLU: ['alpha'],
  LayerNormalization: ['gamma', 'beta'],
  BatchNormalization: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  SimpleRNN: ['kernel', 'recurrent_kernel', 'bias'],
  LSTM: ['kernel', 'recurrent_kernel', 'bias'],
  GRU: ['kernel', 'recurrent_kernel', 'bias'],
  ConvLSTM2D: ['kernel', 'recurrent_kernel', 'bias'],
};

/** Variables that the forward pass changes are no gradient's business, frozen layer or not. */
export function isTrainable({ className, trainable }: Leaf, index: number): boolean {
  return trainable && !(className === 'BatchNormalization' && index >= 2);
}
