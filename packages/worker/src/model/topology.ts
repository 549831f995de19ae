import { LockstepError } from '@lockstep/core';
import type { Topology } from '@lockstep/core/model';
import type { Head } from '../loss/index.js';

/** A layer (or a model used as one) in Keras's JSON. */
export interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
  /** In functional models the layer's name stands here as well. */
  name?: string;
}

/** Every layer of the topology, nested models and wrapped layers included, in order. */
export function layersOf({ config }: LayerJson): LayerJson[] {
  const inner = [...(Array.isArray(config.layers) ? config.layers : []), config.layer];
  return inner.filter(isLayer).flatMap((layer) => [layer, ...layersOf(layer)]);
}

export function nameOf(layer: LayerJson): string {
  const name = layer.config.name ?? layer.name;
  return typeof name === 'string' ? name : '(unnamed)';
}

/**
 * The same network without the activation that the loss has in itself, so that it gives logits.
 *
 * @throws USAGE where the last layer does not end in that activation: a loss on probabilities that is fed
 *   anything else trains, but badly, and nothing would say why.
 */
export function withoutHead(topology: Topology, head: Head): Topology {
  if (head === 'linear') return topology;
  const copy = structuredClone(topology);
  const last = lastLayer(copy);
  if (last === undefined || activationOf(last) !== head) {
    const found = last === undefined ? 'the model has no last layer' : describeLast(last);
    throw new LockstepError('USAGE', `${found}, but the loss needs '${head}' there`, {
      hint: `Give the last layer (a Dense or an Activation) the activation '${head}'.`,
    });
  }
  if (last.class_name === 'Softmax') last.class_name = 'Activation';
  last.config.activation = 'linear';
  return copy;
}

/** Softmax is a layer of its own as well. */
const activationOf = ({ class_name, config }: LayerJson): unknown =>
  class_name === 'Softmax' ? 'softmax' : config.activation;

function describeLast(last: LayerJson): string {
  return `the last layer '${nameOf(last)}' has the activation ${JSON.stringify(activationOf(last) ?? null)}`;
}

function lastLayer(model: LayerJson): LayerJson | undefined {
  const layers = Array.isArray(model.config.layers) ? model.config.layers.filter(isLayer) : [];
  const last =
    model.class_name === 'Sequential'
      ? layers.at(-1)
      : layers.find((layer) => nameOf(layer) === outputName(model.config.output_layers));
  return last !== undefined && Array.isArray(last.config.layers) ? lastLayer(last) : last;
}

/** `[["dense", 0, 0]]`, or in Keras 3 `["dense", 0, 0]`: the name of the first output. */
function outputName(outputs: unknown): unknown {
  return Array.isArray(outputs) ? outputName(outputs[0]) : outputs;
}

function isLayer(value: unknown): value is LayerJson {
  if (typeof value !== 'object' || value === null) return false;
  const { class_name, config } = value as Partial<LayerJson>;
  return typeof class_name === 'string' && typeof config === 'object' && config !== null;
}
