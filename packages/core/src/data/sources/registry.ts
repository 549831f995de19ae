import { LockstepError } from '../../errors.js';
import type { Dataset } from '../dataset.js';
import { loadFashionMnist } from './fashionMnist.js';
import { loadDirectory } from './files.js';
import { loadMnist } from './mnist.js';

const loaders = new Map<string, () => Promise<Dataset>>([
  ['mnist', () => loadMnist()],
  ['fashion-mnist', () => loadFashionMnist()],
]);

/** Datasets that can be loaded without saying where they are. */
export const datasetNames: readonly string[] = [...loaders.keys()];

export interface DatasetLocation {
  readonly name: string;
  /** With it, any IDX files that lie there are loaded under the name, whatever their bytes. */
  readonly directory?: string | undefined;
}

/** @throws USAGE for an unknown name; DATA_MISSING, DATA_CORRUPT or DATA_CHECKSUM, naming the file */
export async function loadDataset({ name, directory }: DatasetLocation): Promise<Dataset> {
  if (directory !== undefined) return loadDirectory(name, directory);
  const load = loaders.get(name);
  if (load === undefined) {
    throw new LockstepError('USAGE', `there is no dataset named ${name}`, {
      hint: `Use ${datasetNames.join(' or ')}, or name a directory with IDX files with --data-dir.`,
    });
  }
  return load();
}
