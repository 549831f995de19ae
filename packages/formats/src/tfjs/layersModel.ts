import { bytesOf } from '@lockstep/core';
import { namedArrays, savedWeight } from '../arrays/named.js';
import { defectIn } from '../defect.js';
import { isRecord, parseRecord } from '../json.js';
import { compiledFrom } from '../keras/compile.js';
import { topologyFromKeras } from '../keras/dialect/fromKeras.js';
import { leavesOf } from '../keras/variables.js';
import { withTopology } from '../keras/writing.js';
import type { SavedModel } from '../savedModel.js';
import { readManifest } from './manifest.js';

/** The two files of a tfjs layers model as we write it: `model.json`, and the numbers. */
interface LayersModelFiles {
  readonly json: string;
  readonly numbers: Uint8Array;
}

/** The dialect that the topology is in. */
const kerasVersion = '2.15.0';
const optimizerNote = "the state of its optimizer is TensorFlow.js's, which is not taken over";

/** Whether a JSON text is a `model.json` rather than a topology alone. */
export function isLayersModel(text: string): boolean {
  return /"(weightsManifest|modelTopology)"\s*:/.test(text);
}

/**
 * A layers model of TensorFlow.js: `model.save`, or tensorflowjs_converter's.
 * https://www.tensorflow.org/js/guide/save_load
 *
 * @param readNumbers reads a file beside `model.json`
 * @throws MODEL_FILE; what `readNumbers` throws
 */
export async function readLayersModel(
  text: string,
  file: string,
  readNumbers: (path: string) => Promise<Uint8Array>,
): Promise<SavedModel> {
  const json = parseRecord(text, file, 'model.json');
  if (json.format === 'graph-model') {
    throw defectIn(
      file,
      'is a graph model, whose layers are lost',
      'Convert the Keras model to a layers model: --output_format=tfjs_layers_model.',
    );
  }
  const description = isRecord(json.modelTopology) ? json.modelTopology : {};
  const topology = topologyFromKeras(description.model_config ?? description, file);
  const trainable = new Map(leavesOf(topology).map((leaf) => [leaf.name, leaf.trainable]));
  const arrays = await readManifest(json.weightsManifest ?? [], file, readNumbers);
  const compiled = compiledFrom(json.trainingConfig ?? description.training_config);
  return {
    name: String(topology.config.name ?? 'model'),
    topology,
    loss: compiled.loss,
    weights: arrays
      .filter(({ ofOptimizer }) => !ofOptimizer)
      .map(savedWeight)
      .map((weight) => ({ ...weight, trainable: trainable.get(weight.layer) ?? true })),
    optimizer: compiled.optimizer && { config: compiled.optimizer, iterations: 0 },
    notes: [
      ...compiled.notes,
      ...(arrays.some(({ ofOptimizer }) => ofOptimizer) ? [optimizerNote] : []),
    ],
  };
}

/**
 * What `tf.loadLayersModel` takes. Without the optimizer: its state there is of TensorFlow.js's own making.
 *
 * @param numbersFile the name of the file with the numbers, beside `model.json`
 */
export function writeLayersModel(model: SavedModel, numbersFile: string): LayersModelFiles {
  const { topology } = withTopology(model, 'tfjs');
  const arrays = namedArrays(model.weights);
  const weights = arrays.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    generatedBy: 'Lockstep',
    convertedBy: null,
    modelTopology: {
      model_config: topology,
      keras_version: kerasVersion,
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: [numbersFile], weights }],
  };
  const numbers = Uint8Array.from(Buffer.concat(arrays.map(({ values }) => bytesOf(values))));
  return { json: `${JSON.stringify(json)}\n`, numbers };
}
