import { LockstepError } from '@lockstep/core';
import type { Topology } from '@lockstep/core/model';
import { unsupported } from '../defect.js';
import type { SavedModel, SavedWeight } from '../savedModel.js';
import { leavesOf } from './variables.js';

/** @throws MODEL_FILE where the model has weights only, and the format needs more */
export function withTopology(
  model: SavedModel,
  format: string,
): SavedModel & { readonly topology: Topology } {
  const { topology } = model;
  if (topology !== null) return { ...model, topology };
  throw unsupported(
    `'${model.name}' has weights only, but ${format} needs the topology`,
    'Write npz or safetensors, or read a file that has the topology.',
  );
}

/** @throws MODEL_FILE where the model is a topology only, and the format needs more */
export function withWeights(model: SavedModel, format: string): SavedModel {
  if (model.weights.length > 0) return model;
  throw unsupported(
    `'${model.name}' has a topology only, but ${format} needs the weights`,
    'Write json, or take a run, or a file that has the weights.',
  );
}

/** The weights layer by layer, as Keras has its variables. INTERNAL where one belongs to no layer. */
export function inKerasOrder(
  topology: Topology,
  weights: readonly SavedWeight[],
): readonly SavedWeight[] {
  const ordered = leavesOf(topology).flatMap(({ name }) =>
    weights.filter(({ layer }) => layer === name),
  );
  if (ordered.length === weights.length) return ordered;
  const lost = weights.find((weight) => !ordered.includes(weight));
  throw new LockstepError(
    'INTERNAL',
    `the weight ${lost?.layer}/${lost?.name} belongs to no layer, or to several of one name`,
  );
}
