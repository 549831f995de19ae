import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const benchFolder = dirname(dirname(fileURLToPath(import.meta.url)));
export const repositoryRoot = dirname(benchFolder);
/** What the comparisons make for themselves and keep: virtual environments. Git ignores it. */
export const cacheFolder = join(repositoryRoot, '.bench');
export const documentFile = join(repositoryRoot, 'docs', 'benchmarks.md');
