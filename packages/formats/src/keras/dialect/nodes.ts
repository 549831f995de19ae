import { unsupported } from '../../defect.js';
import { isRecord } from '../../json.js';
import { isSource } from './layerJson.js';

/**
 * One call of a layer in a functional model, as `[["conv2d", 0, 0, {}], ...]`: Keras 3 has
 * `{"args": [tensor or tensors], "kwargs": {}}`, each tensor with its history.
 *
 * @throws MODEL_FILE where the layer is called with more than its inputs
 */
export function nodeFromKeras(node: unknown, where: string): unknown {
  if (Array.isArray(node)) return node;
  if (!isRecord(node) || !Array.isArray(node.args)) {
    throw unsupported(`${where} has a call that cannot be read`, 'Save the model anew.');
  }
  const [inputs, ...others] = node.args;
  const settings = isRecord(node.kwargs) ? Object.entries(node.kwargs) : [];
  const extra = [
    ...others,
    ...settings.filter(([name]) => name !== 'mask').map(([, value]) => value),
  ];
  if (extra.some((value) => value !== null && value !== false)) {
    throw unsupported(
      `${where} is called with more than its inputs`,
      'Give a layer its inputs alone, several of them as one list.',
    );
  }
  return tensorsIn(inputs, where).map((source) => [...source, {}]);
}

function tensorsIn(value: unknown, where: string): [string, number, number][] {
  if (Array.isArray(value)) return value.flatMap((each) => tensorsIn(each, where));
  if (isRecord(value)) {
    const { class_name, config, items } = value;
    if (class_name === '__tuple__') return tensorsIn(items, where);
    const history = isRecord(config) ? config.keras_history : undefined;
    if (class_name === '__keras_tensor__' && isSource(history)) {
      const [layer, call, output] = history;
      return [[layer, call, output]];
    }
  }
  throw unsupported(`${where} has an input that is no tensor`, 'Save the model anew.');
}
