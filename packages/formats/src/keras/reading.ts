import type { Topology } from '@lockstep/core/model';
import { defectIn } from '../defect.js';
import type { HdfDataset } from '../hdf5/tree.js';
import { elementsOf, type SavedModel, type SavedWeight } from '../savedModel.js';
import type { Compiled } from './compile.js';
import { stateFrom } from './optimizer/variables.js';

/** What both of Keras's formats come to, once their files are taken apart. */
export interface Parts {
  readonly topology: Topology;
  readonly compiled: Compiled;
  readonly weights: readonly Omit<SavedWeight, 'slots'>[];
  /** Keras's `optimizer.variables`; null where the file has none. */
  readonly variables: readonly HdfDataset[] | null;
}

/** The model with the optimizer's state at the weights that it belongs to. */
export function assembled({ topology, compiled, weights, variables }: Parts): SavedModel {
  const name = String(topology.config.name ?? 'model');
  const bare = weights.map((weight): SavedWeight => ({ ...weight, slots: {} }));
  const model = { name, topology, loss: compiled.loss, weights: bare, notes: compiled.notes };
  if (compiled.optimizer === null) return { ...model, optimizer: null };
  const afresh = { config: compiled.optimizer, iterations: 0 };
  if (variables === null) return { ...model, optimizer: afresh };
  const trainable = bare.filter((weight) => weight.trainable);
  const state = stateFrom(variables, compiled.optimizer, trainable);
  if (typeof state === 'string') {
    return {
      ...model,
      optimizer: afresh,
      notes: [...compiled.notes, `${state}: it starts afresh`],
    };
  }
  const slotsOf = new Map(trainable.map((weight, index) => [weight, state.slots[index]!]));
  return {
    ...model,
    weights: bare.map((weight) => ({ ...weight, slots: slotsOf.get(weight) ?? {} })),
    optimizer: state.optimizer,
  };
}

/**
 * A weight's numbers.
 *
 * @param name for messages
 * @throws MODEL_FILE where it is missing, or is not float32
 */
export function floatsOf(found: HdfDataset | undefined, file: string, name: string): Float32Array {
  if (found === undefined) throw defectIn(file, `has no float32 weight ${name}`);
  const { values, shape } = found;
  if (values instanceof Float32Array && values.length === elementsOf(shape)) return values;
  throw defectIn(file, `has a weight ${name} that is not float32`);
}
