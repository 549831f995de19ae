import type { Json } from '../../json.js';
import { isModel, isSource, type LayerJson, layerName, sourcesIn } from './layerJson.js';

/**
 * The calls of a model used as a layer are counted from 1 in Keras 2 and TensorFlow.js, whose models begin with a call
 * of their own. Keras 3 counts them from 0, but for functional models where they give the outer model's output:
 * Keras, `keras/src/models/functional.py`, `get_tensor`.
 *
 * @param layers of the outer model, in the dialect of Keras 2
 * @param ends its `input_layers` and `output_layers`
 * @param by 1 from Keras 3 to Keras 2, -1 the other way
 */
export function shiftNestedCalls(layers: readonly LayerJson[], ends: Json, by: 1 | -1) {
  const nested = new Map(layers.filter(isModel).map((layer) => [layerName(layer), layer]));
  const inbound = (source: unknown): unknown => {
    if (!isSource(source) || !nested.has(source[0])) return source;
    const [layer, call, ...rest] = source;
    return [layer, call + by, ...rest];
  };
  const outbound = (
    source: readonly [string, number, number],
  ): readonly [string, number, number] => {
    const [layer, call, output] = source;
    return nested.get(layer)?.class_name === 'Sequential' ? [layer, call + by, output] : source;
  };
  return {
    layers: layers.map((layer) =>
      layer.inbound_nodes === undefined
        ? layer
        : {
            ...layer,
            inbound_nodes: layer.inbound_nodes.map((node) =>
              Array.isArray(node) ? node.map(inbound) : node,
            ),
          },
    ),
    ends: Object.fromEntries(
      Object.entries(ends).map(([key, value]) => [key, sourcesIn(value)?.map(outbound)]),
    ),
  };
}
