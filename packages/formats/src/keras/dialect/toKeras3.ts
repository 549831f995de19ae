import type { Topology } from '@lockstep/core/model';
import { isRecord, type Json } from '../../json.js';
import { isLayer, isModel, type LayerJson, layerName, layersIn } from './layerJson.js';
import { pascalCase, snakeCase } from './names.js';
import { shiftNestedCalls } from './nestedCalls.js';

/** Keras names a module beside each class in `.keras` and `to_json()`, but for layers not in `.h5`. */
export type Style = 'with modules' | 'legacy';

const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { alpha: 'negative_slope' },
};

const initializerModule = 'keras.initializers';
const modules: readonly [suffix: string, module: string][] = [
  ['_initializer', initializerModule],
  ['_regularizer', 'keras.regularizers'],
  ['_constraint', 'keras.constraints'],
];

/** A topology of ours as Keras 3 writes it. */
export function topologyToKeras3(topology: Topology, style: Style): Json {
  return layerToKeras3(topology, style, false);
}

function layerToKeras3(layer: LayerJson, style: Style, nested: boolean): Json {
  const { inbound_nodes } = layer;
  // `Model` is what Keras 2 called it.
  const className =
    isModel(layer) && layer.class_name !== 'Sequential' ? 'Functional' : layer.class_name;
  return {
    ...(style === 'legacy' ? {} : placeOf(className)),
    class_name: className,
    config: isModel(layer) ? modelConfig(layer, style) : layerConfig(layer, style),
    ...(nested ? { name: layerName(layer), inbound_nodes: inbound_nodes ?? [] } : {}),
  };
}

/** Where Keras 3 looks for a class. */
function placeOf(className: string): Json {
  if (className === 'Sequential') return { module: 'keras', registered_name: null };
  return className === 'Functional'
    ? { module: 'keras.src.models.functional', registered_name: className }
    : { module: 'keras.layers', registered_name: null };
}

function modelConfig(model: LayerJson, style: Style): Json {
  const { input_layers, output_layers, trainable } = model.config;
  const functional = model.class_name !== 'Sequential';
  const ends = { input_layers, output_layers };
  const shifted = shiftNestedCalls(layersIn(model), ends, -1);
  const layers = functional ? shifted.layers : withInputLayer(layersIn(model));
  return {
    name: layerName(model),
    trainable: trainable ?? true,
    layers: layers.map((layer) => layerToKeras3(layer, style, functional)),
    ...(functional ? shifted.ends : {}),
  };
}

/** Keras 3 takes the shape of a Sequential's input from a layer of its own. */
function withInputLayer(layers: readonly LayerJson[]): LayerJson[] {
  const [first, ...rest] = layers;
  const shape = first?.config.batch_input_shape;
  if (first === undefined || first.class_name === 'InputLayer' || shape === undefined) {
    return [...layers];
  }
  const taken = new Set(layers.map(layerName));
  const name = ['input_layer', ...Array.from(layers, (_, i) => `input_layer_${i + 1}`)];
  const { batch_input_shape, ...config } = first.config;
  const input = {
    class_name: 'InputLayer',
    config: {
      name: name.find((each) => !taken.has(each)),
      batch_input_shape,
      dtype: config.dtype ?? 'float32',
    },
  };
  return [input, { ...first, config }, ...rest];
}

function layerConfig({ class_name, config }: LayerJson, style: Style): Json {
  const names = renamed[class_name] ?? {};
  const { batch_input_shape, ...rest } = config;
  const entries = Object.entries(rest).map(([key, value]) => [
    names[key] ?? key,
    isLayer(value) && key.endsWith('layer')
      ? layerToKeras3(value, style, false)
      : settingToKeras3(key, value),
  ]);
  const shape = class_name === 'InputLayer' ? { batch_shape: batch_input_shape } : {};
  return { ...shape, ...Object.fromEntries(entries) };
}

/** Initializers and their like, of which TensorFlow.js has its own spelling (`glorotUniform`, `fanAvg`). */
function settingToKeras3(key: string, value: unknown): unknown {
  const [, module] = modules.find(([suffix]) => key.endsWith(suffix)) ?? [];
  if (module === undefined || value === null || value === undefined) return value;
  if (typeof value === 'string') return snakeCase(value);
  if (!isRecord(value) || typeof value.class_name !== 'string') return value;
  const config = isRecord(value.config) ? value.config : {};
  const entries = Object.entries(config).map(([name, setting]) => [
    name,
    typeof setting === 'string' ? snakeCase(setting) : setting,
  ]);
  return {
    module,
    class_name: pascalCase(value.class_name),
    config: Object.fromEntries(entries),
    registered_name: null,
  };
}
