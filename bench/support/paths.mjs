import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)));
export const repositoryRoot = dirname(benchFolder);
/** The command line, of this working tree. */
export const lockstep = [
  process.execPath,
  join(repositoryRoot, 'packages', 'cli', 'bin', 'lockstep.js'),
];
/** What the comparisons make for themselves and keep: virtual environments. Git ignores it. */
export const cacheFolder = join(repositoryRoot, '.bench');
/** Where tables are written to: of one process, and of several. */
export const benchmarksFile = join(repositoryRoot, 'docs', 'benchmarks.md');
export const scalingFile = join(repositoryRoot, 'docs', 'scaling.md');
