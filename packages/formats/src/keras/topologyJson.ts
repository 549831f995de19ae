import { parseRecord } from '../json.js';
import type { SavedModel } from '../savedModel.js';
import { compiledFrom } from './compile.js';
import { topologyFromKeras } from './dialect/fromKeras.js';
import { topologyToKeras3 } from './dialect/toKeras3.js';
import { withTopology } from './writing.js';

/**
 * Keras's `model.to_json()`, of version 2 or 3, or TensorFlow.js's: a topology without weights.
 *
 * @throws MODEL_FILE
 */
export function readTopologyJson(text: string, file: string): SavedModel {
  const json = parseRecord(text, file, 'topology');
  const topology = topologyFromKeras(json, file);
  const { loss } = compiledFrom(json.compile_config);
  const name = String(topology.config.name ?? 'model');
  return { name, topology, loss, weights: [], optimizer: null, notes: [] };
}

/** What Keras 3's `model_from_json` takes. */
export function writeTopologyJson(model: SavedModel): string {
  const { topology } = withTopology(model, 'json');
  return `${JSON.stringify(topologyToKeras3(topology, 'with modules'), null, 2)}\n`;
}
