import { LockstepError } from '@lockstep/core';
import { type ParameterShape, sizeOf } from '@lockstep/core/model';
import { splitName } from './flat.js';
import type { SavedModel, SavedWeight } from './savedModel.js';

/** The state of a model and its optimizer, flat: `weights` has all parameters, each slot the trainable ones. */
export interface FlatState {
  readonly weights: Float32Array;
  readonly optimizer: {
    readonly iterations: number;
    readonly slots: Readonly<Record<string, Float32Array>>;
  };
}

/**
 * The weights of a file in the order of a model. Layers are found by name, or, where the file has other names and as
 * many layers, in order; a layer's weights by name, or else in order, as Keras has them.
 *
 * @param fresh the model's state before anything was read: the optimizer's where the file has none of it
 * @throws MODEL_FILE naming the weight, where one is missing or has another shape
 */
export function fitState(
  model: SavedModel,
  parameters: readonly ParameterShape[],
  fresh: FlatState,
  file: string,
): FlatState {
  const found = match(model.weights, parameters, file);
  const weights = new Float32Array(fresh.weights.length);
  fill(
    weights,
    found.map(({ values }) => values),
  );
  const trainable = found.filter((_, index) => parameters[index]!.trainable);
  const names = Object.keys(fresh.optimizer.slots);
  const complete = trainable.every((weight) =>
    names.every((name) => Object.hasOwn(weight.slots, name)),
  );
  if (model.optimizer === null || !complete) return { weights, optimizer: fresh.optimizer };
  const slots = names.map((name) => {
    const slot = new Float32Array(fresh.optimizer.slots[name]!.length);
    fill(
      slot,
      trainable.map((weight) => weight.slots[name]!),
    );
    return [name, slot];
  });
  const { iterations } = model.optimizer;
  return { weights, optimizer: { iterations, slots: Object.fromEntries(slots) } };
}

function fill(flat: Float32Array, parts: readonly Float32Array[]): void {
  let offset = 0;
  for (const part of parts) {
    flat.set(part, offset);
    offset += part.length;
  }
}

/** For each parameter the weight that belongs to it. */
function match(
  weights: readonly SavedWeight[],
  parameters: readonly ParameterShape[],
  file: string,
): SavedWeight[] {
  const saved = byLayer(weights, ({ layer }) => layer);
  const wanted = byLayer(parameters, ({ name }) => splitName(name).layer);
  const byName = [...wanted.keys()].every((layer) => saved.has(layer));
  if (!byName && saved.size !== wanted.size) {
    const missing = [...wanted.keys()].find((layer) => !saved.has(layer));
    throw misfit(`${file} has no weights for the layer '${missing}'`, [...saved.keys()]);
  }
  const inOrder = [...saved.values()];
  const found = new Map<ParameterShape, SavedWeight>();
  for (const [index, [layer, own]] of [...wanted].entries()) {
    const candidates = byName ? saved.get(layer)! : inOrder[index]!;
    for (const [parameter, weight] of pairs(layer, own, candidates, file))
      found.set(parameter, weight);
  }
  return parameters.map((parameter) => found.get(parameter)!);
}

function pairs(
  layer: string,
  parameters: readonly ParameterShape[],
  weights: readonly SavedWeight[],
  file: string,
): [ParameterShape, SavedWeight][] {
  if (parameters.length !== weights.length) {
    throw misfit(
      `${file} has ${weights.length} weights for the layer '${layer}', the model ${parameters.length}`,
      weights.map(({ name }) => name),
    );
  }
  const named = parameters.map((parameter) =>
    weights.find(({ name }) => name === splitName(parameter.name).name),
  );
  const byName = named.every((weight) => weight !== undefined);
  return parameters.map((parameter, index) => {
    const weight = byName ? named[index]! : weights[index]!;
    if (weight.shape.join() !== parameter.shape.join()) {
      throw misfit(
        `${file} has the weight ${weight.layer}/${weight.name} in the shape [${weight.shape.join(', ')}], the model ${parameter.name} in [${parameter.shape.join(', ')}]`,
      );
    }
    if (weight.values.length !== sizeOf(parameter)) {
      throw new LockstepError('INTERNAL', `${parameter.name} has ${weight.values.length} values`);
    }
    return [parameter, weight];
  });
}

function byLayer<Item>(
  items: readonly Item[],
  layerOf: (item: Item) => string,
): Map<string, Item[]> {
  const layers = new Map<string, Item[]>();
  for (const item of items) {
    const layer = layerOf(item);
    layers.set(layer, [...(layers.get(layer) ?? []), item]);
  }
  return layers;
}

function misfit(what: string, has: readonly string[] = []): LockstepError {
  const there = has.length === 0 ? '' : ` It has: ${has.join(', ')}.`;
  return new LockstepError('MODEL_FILE', what, {
    hint: `Give the model that the weights are of.${there}`,
  });
}
