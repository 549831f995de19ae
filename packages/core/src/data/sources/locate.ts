import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LockstepError } from '../../errors.js';

/** The four files of a dataset in the layout of MNIST, by the names that LeCun gave them. */
const idxFileNames = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
] as const;

export type IdxFileName = (typeof idxFileNames)[number];

const layoutHint = `Put ${idxFileNames.join(', ')} there (each may end in .gz), or name the directory that has them with --data-dir.`;

/**
 * Where the four files are in a directory: under their names, with a dot before `idx` (as some archives
 * have them), and each of these with `.gz`; the first found counts.
 *
 * @throws DATA_MISSING with all that is missing, not just the first
 */
export async function locate(
  dataset: string,
  directory: string,
  hint: string = layoutHint,
): Promise<Record<IdxFileName, string>> {
  const present = new Set(await list(dataset, directory, hint));
  const found = new Map<IdxFileName, string>();
  for (const name of idxFileNames) {
    const spelling = spellings(name).find((candidate) => present.has(candidate));
    if (spelling !== undefined) found.set(name, join(directory, spelling));
  }
  const missing = idxFileNames.filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new LockstepError(
      'DATA_MISSING',
      `dataset ${dataset}: ${directory} has no ${missing.join(', no ')}`,
      { hint },
    );
  }
  return Object.fromEntries(found) as Record<IdxFileName, string>;
}

async function list(dataset: string, directory: string, hint: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT' ? 'is not there' : code === 'ENOTDIR' ? 'is not a directory' : message;
    throw new LockstepError('DATA_MISSING', `dataset ${dataset}: ${directory}: ${reason}`, {
      cause: error,
      hint,
    });
  }
}

function spellings(name: IdxFileName): string[] {
  const dotted = name.replace('-idx', '.idx');
  return [name, dotted, `${name}.gz`, `${dotted}.gz`];
}
