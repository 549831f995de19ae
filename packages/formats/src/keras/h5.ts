import { defectIn } from '../defect.js';
import { readHdf5 } from '../hdf5/read.js';
import {
  dataset,
  group,
  type HdfDataset,
  type HdfGroup,
  memberAt,
  withDataset,
} from '../hdf5/tree.js';
import { writeHdf5 } from '../hdf5/write.js';
import { parseRecord } from '../json.js';
import type { SavedModel, SavedWeight } from '../savedModel.js';
import { attributeList, splitAttribute } from './attributeList.js';
import { compileArguments, compiledFrom } from './compile.js';
import { topologyFromKeras } from './dialect/fromKeras.js';
import { topologyToKeras3 } from './dialect/toKeras3.js';
import { optimizerToKeras } from './optimizer/config.js';
import { optimizerVariables } from './optimizer/variables.js';
import { assembled, floatsOf } from './reading.js';
import { isTrainable, type Leaf, leavesOf } from './variables.js';
import { kerasVersion } from './version.js';
import { inKerasOrder, withTopology } from './writing.js';

/** Where Keras keeps the optimizer's variables, and where we do: see `writeKerasH5`. */
const kerasOptimizer = 'optimizer_weights';
const ownOptimizer = 'lockstep_optimizer_weights';

/**
 * Keras's legacy `.h5`: Keras, `keras/src/legacy/saving/legacy_h5_format.py`.
 *
 * @throws MODEL_FILE
 */
export async function readKerasH5(bytes: Uint8Array, file: string): Promise<SavedModel> {
  const root = await readHdf5(bytes, file);
  const { model_config, training_config } = root.attributes;
  if (typeof model_config !== 'string') {
    throw defectIn(
      file,
      'has no model_config: it holds weights only',
      'Save the whole model with model.save, not model.save_weights.',
    );
  }
  const topology = topologyFromKeras(parseRecord(model_config, file, 'model_config'), file);
  const compiled = compiledFrom(
    typeof training_config === 'string'
      ? parseRecord(training_config, file, 'training_config')
      : undefined,
  );
  const layers = memberAt(root, 'model_weights');
  if (layers?.kind !== 'group') throw defectIn(file, 'has no model_weights');
  const leaves = leavesOf(topology);
  const weights = attributeList(layers, 'layer_names').flatMap((name) =>
    layerWeights(layers, name, leaves, file),
  );
  const state = memberAt(root, kerasOptimizer) ?? memberAt(root, ownOptimizer);
  const variables = state?.kind === 'group' ? listed(state, file).map(([, data]) => data) : null;
  return assembled({ topology, compiled, weights, variables });
}

/** Weights are named by the path of their variable: `sequential/conv2d/kernel`, the last two of which count. */
function layerWeights(
  layers: HdfGroup,
  name: string,
  leaves: readonly Leaf[],
  file: string,
): Omit<SavedWeight, 'slots'>[] {
  const own = layers.members[name];
  if (own?.kind !== 'group') throw defectIn(file, `has no weights of the layer '${name}'`);
  const counts = new Map<string, number>();
  return listed(own, file).map(([path, data]) => {
    // Keras 2 writes `kernel:0`.
    const parts = path.replace(/:\d+$/, '').split('/');
    const inside = leaves.filter(({ outer }) => outer === name);
    const leaf =
      inside.length === 1
        ? inside[0]
        : inside.find((each) => parts.slice(0, -1).includes(each.name));
    if (leaf === undefined) {
      throw defectIn(file, `has a weight ${path}, whose layer is not in the topology`);
    }
    const index = counts.get(leaf.name) ?? 0;
    counts.set(leaf.name, index + 1);
    return {
      layer: leaf.name,
      name: parts.at(-1)!,
      shape: data.shape,
      trainable: isTrainable(leaf, index),
      values: floatsOf(data, file, path),
    };
  });
}

/** The datasets of a group in the order of its `weight_names`. */
function listed(from: HdfGroup, file: string): [name: string, data: HdfDataset][] {
  return attributeList(from, 'weight_names').map((name) => {
    const found = memberAt(from, name);
    if (found?.kind === 'dataset') return [name, found];
    throw defectIn(file, `names a weight ${name}, but does not have it`);
  });
}

/**
 * As Keras 3 writes it, but for where the optimizer's state is: `load_model` of Keras 3.15 builds the optimizer for
 * the variables of the model alone, without those of its layers, wherever there is a group `optimizer_weights`, also
 * in its own files, and training then fails ("Unknown variable"). Under another name the state is there for Lockstep
 * and whoever asks for it, and Keras trains on with an optimizer that begins anew.
 *
 * @throws MODEL_FILE where there is no topology
 */
export async function writeKerasH5(model: SavedModel): Promise<Uint8Array> {
  const { topology, optimizer } = withTopology(model, 'h5');
  const weights = inKerasOrder(topology, model.weights);
  const training = compileArguments(model);
  const attributes = {
    backend: 'tensorflow',
    keras_version: kerasVersion,
    model_config: JSON.stringify(topologyToKeras3(topology, 'legacy')),
    ...(training && {
      training_config: JSON.stringify({
        ...training,
        optimizer_config: optimizerToKeras(optimizer!.config),
      }),
    }),
  };
  const members = {
    model_weights: weightsGroup(leavesOf(topology), weights),
    ...(optimizer && {
      [ownOptimizer]: listing(
        optimizerVariables(
          optimizer,
          weights.filter(({ trainable }) => trainable),
        ).map(({ name, data }) => [`${optimizer.config.name}/${name}`, data]),
      ),
    }),
  };
  return await writeHdf5(group(members, attributes));
}

function weightsGroup(leaves: readonly Leaf[], weights: readonly SavedWeight[]): HdfGroup {
  const names = [...new Set(leaves.map(({ outer }) => outer))];
  const members = names.map((outer) => {
    const inside = new Set(leaves.filter((leaf) => leaf.outer === outer).map(({ name }) => name));
    const own = weights.filter(({ layer }) => inside.has(layer));
    // Keras has the weights of a layer (or of a model inside) that are trained before the others.
    const ordered = [
      ...own.filter((each) => each.trainable),
      ...own.filter((each) => !each.trainable),
    ];
    const named = ordered.map(({ layer, name, shape, values }): [string, HdfDataset] => [
      `${layer}/${name}`,
      dataset(values, shape),
    ]);
    return [outer, listing(named)] as const;
  });
  return group(
    { ...Object.fromEntries(members), top_level_model_weights: listing([]) },
    {
      backend: 'tensorflow',
      keras_version: kerasVersion,
      ...splitAttribute('layer_names', names),
    },
  );
}

/** A group with these datasets, and their names in order. */
function listing(named: readonly (readonly [string, HdfDataset])[]): HdfGroup {
  const names = named.map(([name]) => name);
  return named.reduce<HdfGroup>(
    (into, [name, data]) => withDataset(into, name, data),
    group({}, splitAttribute('weight_names', names)),
  );
}
