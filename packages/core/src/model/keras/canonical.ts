import { LockstepError } from '../../errors.js';
import type { Topology } from '../topology.js';
import { dataTypeOf } from './dataType.js';
import { canonicalInbound, endsOf } from './graph.js';
import { isObject, type Json } from './json.js';

/**
 * A topology in the one spelling that everything here reads: that of Keras 2 and TensorFlow.js, which a Keras 3
 * `to_json` is brought into. Nothing is built: what no engine knows is refused where it would be.
 *
 * @throws USAGE where it is no topology, or says something that the other spelling has no words for
 */
export function canonicalTopology(given: unknown): Topology {
  if (!isLayer(given)) {
    throw new LockstepError('USAGE', 'there is no class_name and config of a model in it', {
      hint: 'Give what Keras writes with model.to_json(), or TensorFlow.js with model.toJSON().',
    });
  }
  const { class_name, config } = canonicalLayer(given, 'module' in given);
  return { class_name, config };
}

interface Layer {
  readonly class_name: string;
  readonly config: Json;
  readonly name?: unknown;
  readonly inbound_nodes?: unknown;
}

function canonicalLayer(layer: Layer, isKeras3: boolean): Layer {
  const { class_name, name, inbound_nodes } = layer;
  // Both are a graph of layers; TensorFlow.js knows either name.
  const config = canonicalConfig(class_name, layer.config, isKeras3);
  return {
    class_name,
    config: named(config, name),
    ...(name === undefined ? {} : { name }),
    ...(inbound_nodes === undefined ? {} : { inbound_nodes: canonicalInbound(inbound_nodes) }),
  };
}

/** In functional models of TensorFlow.js the name may stand beside the configuration only. */
const named = (config: Json, name: unknown): Json =>
  config.name === undefined && typeof name === 'string' ? { ...config, name } : config;

function canonicalConfig(class_name: string, given: Json, isKeras3: boolean): Json {
  const config: Json = {};
  for (const [key, value] of Object.entries(given)) {
    switch (key) {
      case 'batch_shape':
        config.batch_input_shape = value;
        break;
      case 'dtype':
        config.dtype = dataTypeOf(value, nameOf(given));
        break;
      case 'layers':
        config.layers = asList(value).map((each) =>
          isLayer(each) ? canonicalLayer(each, isKeras3) : each,
        );
        break;
      case 'layer':
        config.layer = isLayer(value) ? canonicalLayer(value, isKeras3) : value;
        break;
      case 'input_layers':
      case 'output_layers':
        config[key] = endsOf(value);
        break;
      case 'negative_slope':
        // The same setting of the same layer, renamed in Keras 3.
        config[class_name === 'LeakyReLU' ? 'alpha' : key] = value;
        break;
      default:
        config[key] = canonicalValue(key, value, isKeras3);
    }
  }
  return withInputShape(class_name, config);
}

function canonicalValue(key: string, value: unknown, isKeras3: boolean): unknown {
  if (key.endsWith('activation') && isKeras3 && value === 'hard_sigmoid') {
    return 'hard_sigmoid_keras3';
  }
  if (key.endsWith('_regularizer')) return canonicalRegularizer(value);
  if (/_(initializer|constraint)$/.test(key) && isLayer(value)) {
    return { class_name: value.class_name, config: value.config };
  }
  return value;
}

/** TensorFlow.js has but one class of them. */
function canonicalRegularizer(value: unknown): unknown {
  if (typeof value === 'string') {
    // As Keras's names mean them: a factor of 0.01.
    const factor = 0.01;
    const [l1, l2] = [/l1/i.test(value) ? factor : 0, /l2/i.test(value) ? factor : 0];
    return /^(l1|l2|l1_?l2)$/i.test(value) ? { class_name: 'L1L2', config: { l1, l2 } } : value;
  }
  if (!isLayer(value)) return value;
  const { class_name, config } = value;
  if (!['L1', 'L2', 'L1L2'].includes(class_name)) return { class_name, config };
  return { class_name: 'L1L2', config: { l1: config.l1 ?? 0, l2: config.l2 ?? 0 } };
}

/** A Sequential that was built without an InputLayer says its input's shape beside its layers. */
function withInputShape(class_name: string, config: Json): Json {
  const { build_input_shape: shape, layers } = config;
  if (class_name !== 'Sequential' || !Array.isArray(shape) || !Array.isArray(layers)) return config;
  const [first, ...rest] = layers as unknown[];
  if (!isLayer(first) || first.class_name === 'InputLayer') return config;
  if (first.config.batch_input_shape !== undefined || Array.isArray(first.config.layers)) {
    return config;
  }
  const opened = { ...first, config: { ...first.config, batch_input_shape: shape } };
  return { ...config, layers: [opened, ...rest] };
}

const nameOf = ({ name }: Json): string => (typeof name === 'string' ? name : '(unnamed)');

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function isLayer(value: unknown): value is Layer {
  return isObject(value) && typeof value.class_name === 'string' && isObject(value.config);
}
