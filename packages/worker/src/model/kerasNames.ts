import type { Topology } from '@lockstep/core/model';
import { layersOf, nameOf } from './topology.js';

/** `conv2d_Conv2D1`: who gives no name gets one with a number that counts all layers of the process. */
const given = /^[a-z\d_]+_([A-Z]\w*?)\d+(_input)?$/;
const anonymous = /^(sequential|model|input)_?\d+$/;

/**
 * The topology with names as Keras gives them, `conv2d`, `dense`, `dense_1`, in the place of those that TensorFlow.js
 * counts over the whole process: a model is the same whenever it is made, and so is its hash.
 */
export function withKerasNames(topology: Topology): Topology {
  const copy = structuredClone(topology);
  const taken = new Map<string, number>();
  const names = new Map<string, string>();
  for (const layer of [copy, ...layersOf(copy)]) {
    const old = nameOf(layer);
    const isOurs = given.test(old) || anonymous.test(old);
    if (!isOurs || names.has(old)) continue;
    const base = old.endsWith('_input') ? 'input_layer' : snakeCase(layer.class_name);
    const count = taken.get(base) ?? 0;
    taken.set(base, count + 1);
    names.set(old, count === 0 ? base : `${base}_${count}`);
  }
  const text = JSON.stringify(copy, (_key, value: unknown) =>
    typeof value === 'string' ? (names.get(value) ?? value) : value,
  );
  return JSON.parse(text) as Topology;
}

/** As Keras does it: Conv2D is conv2d, MaxPooling2D max_pooling2d. */
const snakeCase = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
