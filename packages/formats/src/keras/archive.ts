import { strFromU8, strToU8 } from 'fflate';
import { defectIn, unsupported } from '../defect.js';
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
import { unzip, zip } from '../zip.js';
import { compileArguments, compiledFrom, optimizerWithModule } from './compile.js';
import { topologyFromKeras } from './dialect/fromKeras.js';
import { topologyToKeras3 } from './dialect/toKeras3.js';
import { optimizerVariables } from './optimizer/variables.js';
import { assembled, floatsOf } from './reading.js';
import { isTrainable, leavesOf, variableNames } from './variables.js';
import { kerasVersion } from './version.js';
import { inKerasOrder, withTopology } from './writing.js';

const configFile = 'config.json';
const metadataFile = 'metadata.json';
const weightsFile = 'model.weights.h5';
const optimizerPath = 'optimizer/vars';

/**
 * Keras 3's `.keras`, a zip of topology, metadata and variables: Keras, `keras/src/saving/saving_lib.py`.
 *
 * @throws MODEL_FILE
 */
export async function readKerasArchive(bytes: Uint8Array, file: string): Promise<SavedModel> {
  const entries = unzip(bytes, file);
  const [config, weightBytes] = [entries[configFile], entries[weightsFile]];
  if (config === undefined || weightBytes === undefined) {
    throw defectIn(file, `has no ${config === undefined ? configFile : weightsFile}`);
  }
  const json = parseRecord(strFromU8(config), file, configFile);
  const topology = topologyFromKeras(json, file);
  const store = await readHdf5(weightBytes, `${file} (${weightsFile})`);
  const weights = leavesOf(topology).flatMap((leaf) => {
    const { name: layer, className, path } = leaf;
    if (path === null) throw unreachable(layer, className);
    const found = variablesAt(store, path) ?? [];
    const names = variableNames(className, found.length);
    return found.map(
      (data, index): Omit<SavedWeight, 'slots'> => ({
        layer,
        name: names[index]!,
        shape: data.shape,
        trainable: isTrainable(leaf, index),
        values: floatsOf(data, file, `${layer}/${names[index]}`),
      }),
    );
  });
  const compiled = compiledFrom(json.compile_config);
  return assembled({ topology, compiled, weights, variables: variablesAt(store, optimizerPath) });
}

/** The datasets `0`, `1`, ... of a group; null where there is no such group. */
function variablesAt(store: HdfGroup, path: string): HdfDataset[] | null {
  const found = memberAt(store, path);
  if (found?.kind !== 'group') return null;
  const variables: HdfDataset[] = [];
  for (let index = 0; ; index++) {
    const next = found.members[String(index)];
    if (next?.kind !== 'dataset') return variables;
    variables.push(next);
  }
}

/** @throws MODEL_FILE where there is no topology, or a layer whose variables Keras keeps in several places */
export async function writeKerasArchive(model: SavedModel): Promise<Uint8Array> {
  const { topology, optimizer } = withTopology(model, 'keras');
  const weights = inKerasOrder(topology, model.weights);
  const compile = compileArguments(model);
  const config = {
    ...topologyToKeras3(topology, 'with modules'),
    ...(compile && {
      compile_config: { ...compile, optimizer: optimizerWithModule(optimizer!.config) },
    }),
  };
  let store = group({});
  for (const { name, className, path } of leavesOf(topology)) {
    const own = weights.filter(({ layer }) => layer === name);
    if (path === null && own.length > 0) throw unreachable(name, className);
    for (const [index, { shape, values }] of own.entries()) {
      store = withDataset(store, `${path}/${index}`, dataset(values, shape));
    }
  }
  if (compile && optimizer) {
    const variables = optimizerVariables(
      optimizer,
      weights.filter(({ trainable }) => trainable),
    );
    for (const [index, { data }] of variables.entries()) {
      store = withDataset(store, `${optimizerPath}/${index}`, data);
    }
  }
  return zip({
    [metadataFile]: strToU8(JSON.stringify({ keras_version: kerasVersion })),
    [configFile]: strToU8(JSON.stringify(config)),
    [weightsFile]: await writeHdf5(store),
  });
}

function unreachable(layer: string, className: string) {
  return unsupported(
    `the layer '${layer}' is a ${className}, whose weights Lockstep does not find in .keras`,
    'Use the .h5 format.',
  );
}
