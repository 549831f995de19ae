import { bytesOf } from '@lockstep/core';
import { z } from 'zod';
import { float32From, namedArrays, savedWeight } from '../arrays/named.js';
import { defectIn } from '../defect.js';
import { isRecord, parseRecord } from '../json.js';
import { compiledFrom } from '../keras/compile.js';
import { topologyFromKeras } from '../keras/dialect/fromKeras.js';
import { leavesOf } from '../keras/variables.js';
import { withTopology } from '../keras/writing.js';
import { elementsOf, type SavedModel, type SavedWeight } from '../savedModel.js';

const manifestSchema = z.array(
  z.object({
    paths: z.array(z.string()),
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().nonnegative()),
        dtype: z.string(),
        quantization: z.unknown(),
        group: z.string().optional(),
      }),
    ),
  }),
);

/** The two files of a tfjs layers model as we write it: `model.json`, and the numbers. */
interface LayersModelFiles {
  readonly json: string;
  readonly numbers: Uint8Array;
}

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
  const manifest = manifestSchema.safeParse(json.weightsManifest ?? []);
  if (!manifest.success) throw defectIn(file, 'has a weightsManifest that cannot be read');
  const trainable = new Map(leavesOf(topology).map((leaf) => [leaf.name, leaf.trainable]));
  const weights: SavedWeight[] = [];
  const notes: string[] = [];
  for (const { paths, weights: entries } of manifest.data) {
    const parts = await Promise.all(paths.map(readNumbers));
    const bytes = Uint8Array.from(Buffer.concat(parts));
    let offset = 0;
    for (const { name, shape, dtype, quantization, group } of entries) {
      if (dtype !== 'float32' || quantization !== undefined) {
        const how = quantization === undefined ? dtype : 'quantized';
        throw defectIn(
          file,
          `has a weight ${name} that is ${how}, not float32`,
          'Save it anew, without quantization.',
        );
      }
      const end = offset + elementsOf(shape) * Float32Array.BYTES_PER_ELEMENT;
      const values = float32From(bytes.subarray(offset, end), shape);
      if (values === null)
        throw defectIn(file, `has a weight ${name} that is cut short, in ${paths}`);
      offset = end;
      if (group === 'optimizer') {
        notes[0] = "the state of its optimizer is TensorFlow.js's, which is not taken over";
        continue;
      }
      const weight = savedWeight({ name, shape, values });
      weights.push({ ...weight, trainable: trainable.get(weight.layer) ?? true });
    }
  }
  const compiled = compiledFrom(json.trainingConfig ?? description.training_config);
  const optimizer = compiled.optimizer && { config: compiled.optimizer, iterations: 0 };
  const name = String(topology.config.name ?? 'model');
  return {
    name,
    topology,
    loss: compiled.loss,
    weights,
    optimizer,
    notes: [...compiled.notes, ...notes],
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
  const manifest = arrays.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    generatedBy: 'Lockstep',
    convertedBy: null,
    modelTopology: { model_config: topology, keras_version: '2.15.0', backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [numbersFile], weights: manifest }],
  };
  const numbers = Uint8Array.from(Buffer.concat(arrays.map(({ values }) => bytesOf(values))));
  return { json: `${JSON.stringify(json)}\n`, numbers };
}
