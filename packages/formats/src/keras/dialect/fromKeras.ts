import type { Topology } from '@lockstep/core/model';
import { defectIn, unsupported } from '../../defect.js';
import { isRecord, type Json } from '../../json.js';
import { isLayer, isModel, type LayerJson, layerName, sourcesIn } from './layerJson.js';
import { shiftNestedCalls } from './nestedCalls.js';
import { nodeFromKeras } from './nodes.js';

/** Settings of Keras 3 that Keras 2 has not, and the value with which they change nothing. */
const harmless: Readonly<Record<string, unknown>> = {
  groups: 1,
  quantization_config: null,
  lora_rank: null,
  lora_alpha: null,
  sparse: false,
  ragged: false,
  optional: false,
  input_axes: null,
  output_axes: null,
};

/** Settings that Keras 3 gave another name. */
const formerNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  InputLayer: { batch_shape: 'batch_input_shape' },
  LeakyReLU: { negative_slope: 'alpha' },
};

/**
 * The topology in the JSON of Keras 2, Keras 3 or TensorFlow.js, in the dialect of the first and last, which is that
 * of Lockstep. What Keras 3 says about building, modules and sharing is left out.
 *
 * @throws MODEL_FILE where it is no topology, or has what the dialect cannot say
 */
export function topologyFromKeras(json: unknown, file: string): Topology {
  if (!isLayer(json))
    throw defectIn(file, 'has no topology: a class_name and a config are missing');
  if (!isModel(json)) {
    throw defectIn(
      file,
      `has a ${json.class_name}, not a model of layers`,
      'Save a Sequential or functional model: one made of Python code cannot be read as data.',
    );
  }
  return { ...layerFromKeras(json, file) };
}

function layerFromKeras(layer: LayerJson, file: string): LayerJson {
  const { class_name, name, inbound_nodes } = layer;
  const where = `layer '${layerName(layer)}' of ${file}`;
  return {
    class_name,
    config: isModel(layer) ? modelConfig(layer.config, file) : layerConfig(layer, where, file),
    ...(name === undefined ? {} : { name }),
    ...(inbound_nodes === undefined
      ? {}
      : { inbound_nodes: inbound_nodes.map((node) => nodeFromKeras(node, where)) }),
  };
}

function modelConfig(config: Json, file: string): Json {
  const { name, trainable } = config;
  const given = (config.layers as unknown[]).map((layer) => {
    if (isLayer(layer)) return layer;
    throw defectIn(file, `has a layer without class_name or config: ${JSON.stringify(layer)}`);
  });
  const ends = endsOf(config, file);
  const plain = given.map((layer) => layerFromKeras(layer, file));
  const ofKeras3 = given.some(({ inbound_nodes }) => inbound_nodes?.some(isRecord));
  const shifted = ofKeras3 ? shiftNestedCalls(plain, ends, 1) : { layers: plain, ends };
  return {
    name,
    ...(trainable === undefined ? {} : { trainable }),
    layers: shifted.layers,
    ...shifted.ends,
  };
}

/** Inputs and outputs of a functional model; nothing for a Sequential. */
function endsOf(config: Json, file: string): Json {
  const keys = ['input_layers', 'output_layers'].filter((key) => config[key] !== undefined);
  return Object.fromEntries(
    keys.map((key) => {
      const sources = sourcesIn(config[key]);
      if (sources !== undefined) return [key, sources];
      throw defectIn(
        file,
        `has ${key} by name`,
        'Give the model its inputs and outputs as a list.',
      );
    }),
  );
}

function layerConfig({ class_name, config }: LayerJson, where: string, file: string): Json {
  const names = formerNames[class_name] ?? {};
  const plain: Json = {};
  for (const [key, value] of Object.entries(config)) {
    if (Object.hasOwn(harmless, key)) {
      refuseUnlessHarmless(where, key, value);
      continue;
    }
    plain[names[key] ?? key] = isLayerSlot(key, value)
      ? layerFromKeras(value, file)
      : plainValue(value, where, key);
  }
  if (class_name !== 'InputLayer') refuseOtherTypes(where, plain.dtype);
  return plain;
}

/** The layer that a wrapper (`TimeDistributed`) has inside. */
function isLayerSlot(key: string, value: unknown): value is LayerJson & Json {
  return (key === 'layer' || key === 'backward_layer') && isLayer(value);
}

function plainValue(value: unknown, where: string, key: string): unknown {
  if (Array.isArray(value)) return value.map((each) => plainValue(each, where, key));
  if (!isRecord(value)) return value;
  const { class_name, config, items } = value;
  if (class_name === '__tuple__' && Array.isArray(items)) return plainValue(items, where, key);
  if (class_name === 'DTypePolicy' && isRecord(config)) return config.name;
  if (typeof class_name !== 'string') return value;
  if (!isRecord(config)) {
    throw unsupported(
      `${where} has, as its ${key}, one of your own: ${JSON.stringify(config)}`,
      'Use one of those that Keras has by name.',
    );
  }
  const settings: Json = {};
  for (const [name, setting] of Object.entries(config)) {
    if (Object.hasOwn(harmless, name)) refuseUnlessHarmless(`${where}, ${key}:`, name, setting);
    else settings[name] = plainValue(setting, where, name);
  }
  return { class_name, config: settings };
}

function refuseUnlessHarmless(where: string, key: string, value: unknown): void {
  if (value === harmless[key] || value === null) return;
  throw unsupported(
    `${where} has the ${key} ${JSON.stringify(value)}, which is not supported`,
    `Save the model without it (${key} ${JSON.stringify(harmless[key])}).`,
  );
}

function refuseOtherTypes(where: string, dtype: unknown): void {
  if (dtype === undefined || dtype === null || dtype === 'float32') return;
  throw unsupported(
    `${where} computes in ${JSON.stringify(dtype)}, not in float32`,
    'Save the model with float32 weights; --precision says what Lockstep computes in.',
  );
}
