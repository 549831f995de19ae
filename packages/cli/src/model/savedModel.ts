import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError, makeOutputFolder, writeAtomically } from '@lockstep/core';
import { fitState, type SavedModel, withTopology, withWeights } from '@lockstep/formats';
import { freezeModel } from '@lockstep/worker';
import { usualLoss } from './resolve.js';

/** What a SavedModel with variables has beside its graph. TensorFlow would take it for a part of ours. */
const foreignParts = ['variables', 'assets', 'assets.extra', 'fingerprint.pb', 'keras_metadata.pb'];

/**
 * Writes a TensorFlow SavedModel: a folder with `saved_model.pb`, in which the weights are constants.
 *
 * @param from the run or the file that it is of
 * @returns the file
 */
export async function writeSavedModel(
  folder: string,
  saved: SavedModel,
  from: string,
): Promise<string> {
  const whole = withWeights(saved, 'saved-model');
  const { name, topology, loss } = withTopology(whole, 'saved-model');
  await refuseForeignParts(folder);
  const content = await freezeModel(
    { name, topology, loss: loss ?? usualLoss },
    (parameters, fresh) => {
      const shapes = parameters.map((each) => ({ ...each, shape: [...each.shape] }));
      const state = { weights: fresh, optimizer: { iterations: 0, slots: {} } };
      return fitState(saved, shapes, state, from).weights;
    },
  );
  await makeOutputFolder(folder);
  const file = join(folder, 'saved_model.pb');
  await writeAtomically(file, [content]);
  return file;
}

async function refuseForeignParts(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  const found = names.filter((name) => foreignParts.includes(name));
  if (found.length === 0) return;
  throw new LockstepError(
    'MODEL_FILE',
    `${folder} has parts of another model: ${found.join(', ')}`,
    {
      hint: 'Give another folder, or remove this one.',
    },
  );
}
