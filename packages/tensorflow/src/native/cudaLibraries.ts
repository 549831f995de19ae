import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Libraries of CUDA beside libtensorflow that the loader will not find by itself. libtensorflow_framework opens
 * them by name, and has their folders in its RUNPATH, all but that of cuSOLVER (2.21.0); and it opens no GPU
 * unless it finds every one. What is loaded already counts as found, whatever its folder: so no
 * LD_LIBRARY_PATH is needed, which would have to be set before the process starts.
 *
 * @param library path of libtensorflow_cc, in `tensorflow/` as in site-packages, with `nvidia/` beside it
 * @returns absolute paths; none for the build without CUDA
 */
export function missedCudaLibraries(library: string): string[] {
  const folder = join(dirname(library), '..', 'nvidia', 'cusolver', 'lib');
  return filesIn(folder)
    .filter((name) => /^libcusolver\.so\.\d+$/.test(name))
    .map((name) => join(folder, name));
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
