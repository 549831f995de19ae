import { isRecord, type Json } from '../../json.js';

/** A layer, or a model used as one, in the JSON of any Keras. */
export interface LayerJson {
  readonly class_name: string;
  readonly config: Json;
  /** In functional models a layer's name stands here as well. */
  readonly name?: string;
  readonly inbound_nodes?: readonly unknown[];
}

export function isLayer(value: unknown): value is LayerJson & Json {
  return isRecord(value) && typeof value.class_name === 'string' && isRecord(value.config);
}

/** The layers of a model; none where it is an ordinary layer. */
export function layersIn({ config }: LayerJson): (LayerJson & Json)[] {
  return Array.isArray(config.layers) ? config.layers.filter(isLayer) : [];
}

export function isModel(layer: LayerJson): boolean {
  return Array.isArray(layer.config.layers);
}

export function layerName({ config, name }: LayerJson): string {
  const found = config.name ?? name;
  return typeof found === 'string' ? found : '(unnamed)';
}

/** Where a tensor comes from: a layer, which of its calls, which of its outputs. */
export type Source = readonly [layer: string, call: number, output: number];

export function isSource(value: unknown): value is [string, number, number, ...unknown[]] {
  return (
    Array.isArray(value) &&
    typeof value[0] === 'string' &&
    Number.isInteger(value[1]) &&
    Number.isInteger(value[2])
  );
}

/** `[["input", 0, 0]]`, or in Keras 3 `["input", 0, 0]` where there is one; undefined for anything else. */
export function sourcesIn(value: unknown): Source[] | undefined {
  const many: unknown = isSource(value) ? [value] : value;
  if (!Array.isArray(many) || !many.every(isSource)) return undefined;
  return many.map(([layer, call, output]) => [layer, call, output]);
}
