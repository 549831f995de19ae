import { type SavedModel, writeModelFile } from '@lockstep/formats';
import type { OutputName } from '@lockstep/formats/names';
import { writeSavedModel } from './savedModel.js';

/**
 * Writes a model, whole or not at all.
 *
 * @param from the run or the file that it is of
 * @returns the files written
 * @throws MODEL_FILE where the format cannot have the model; ENGINE_UNAVAILABLE where it takes the native library, and
 *   that is not there; RUN_DIRECTORY where the disk refuses
 */
export async function writeModel(
  output: string,
  model: SavedModel,
  format: OutputName,
  from: string,
): Promise<string[]> {
  if (format === 'saved-model') return [await writeSavedModel(output, model, from)];
  return await writeModelFile(output, model, format);
}
