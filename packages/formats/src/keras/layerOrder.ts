import { unsupported } from '../defect.js';
import {
  isModel,
  isSource,
  type LayerJson,
  layerName,
  layersIn,
  sourcesIn,
} from './dialect/layerJson.js';

/**
 * The layers of a model in the order of Keras's `model.layers`, upon which the order of weights and optimizer
 * variables in its files rests. A Sequential's is that of its list, without the input. A functional model's is by
 * depth (the longest way to an output), deepest first, and among equals by the order in which they are met going
 * back from the outputs: Keras, `keras/src/ops/function.py`, `map_graph`.
 *
 * @throws MODEL_FILE where the calls go round in a circle, or come from a layer that is not there
 */
export function layersInOrder(model: LayerJson): LayerJson[] {
  const layers = layersIn(model);
  if (model.class_name === 'Sequential') {
    return layers.filter(({ class_name }) => class_name !== 'InputLayer');
  }
  const { calls, met } = walkBack(model, layers);
  const depths = depthsOf(calls, layers);
  const inOrder = [...met].sort(
    ([a, metA], [b, metB]) => depths.get(b)! - depths.get(a)! || metA - metB,
  );
  const reached = inOrder.map(([name]) => layers.find((layer) => layerName(layer) === name)!);
  return [...reached, ...layers.filter((layer) => !met.has(layerName(layer)))];
}

/** One call of a layer, and the calls that its inputs come from. */
interface Call {
  readonly layer: string;
  readonly inputs: readonly string[];
}

function walkBack(model: LayerJson, layers: readonly LayerJson[]) {
  // A model inside begins with a call of its own, which no node stands for.
  const nodesOf = new Map(
    layers.map((layer) => {
      const nodes = layer.inbound_nodes ?? [];
      return [layerName(layer), isModel(layer) ? [[], ...nodes] : nodes];
    }),
  );
  /** From inputs to outputs. */
  const calls = new Map<string, Call>();
  const met = new Map<string, number>();
  const open = new Set<string>();
  const visit = (layer: string, call: number): void => {
    const key = `${layer}#${call}`;
    if (calls.has(key)) return;
    const nodes = nodesOf.get(layer);
    if (nodes === undefined || open.has(key)) {
      const what =
        nodes === undefined ? `has no layer '${layer}', but uses it` : 'goes in a circle';
      throw unsupported(`the model '${layerName(model)}' ${what}`, 'Check its inbound_nodes.');
    }
    open.add(key);
    if (!met.has(layer)) met.set(layer, met.size);
    const node = nodes[call];
    const sources = Array.isArray(node) ? node.filter(isSource) : [];
    for (const [source, at] of sources) visit(source, at);
    open.delete(key);
    calls.set(key, { layer, inputs: sources.map(([source, at]) => `${source}#${at}`) });
  };
  for (const [layer, call] of sourcesIn(model.config.output_layers) ?? []) visit(layer, call);
  return { calls, met };
}

function depthsOf(calls: ReadonlyMap<string, Call>, layers: readonly LayerJson[]) {
  const ofCalls = new Map<string, number>();
  const ofLayers = new Map(layers.map((layer) => [layerName(layer), 0]));
  for (const [key, { layer, inputs }] of [...calls].reverse()) {
    const depth = Math.max(ofCalls.get(key) ?? 0, ofLayers.get(layer)!);
    ofLayers.set(layer, depth);
    for (const input of inputs) ofCalls.set(input, Math.max(depth + 1, ofCalls.get(input) ?? 0));
  }
  return ofLayers;
}
