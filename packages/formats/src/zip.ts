import { unzipSync, zipSync } from 'fflate';
import { defectIn } from './defect.js';

/** @throws MODEL_FILE where it is cut short, or no zip */
export function unzip(bytes: Uint8Array, file: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (cause) {
    throw defectIn(file, `is no whole zip archive: ${(cause as Error).message}`, undefined, cause);
  }
}

/** Not compressed, as Keras and NumPy have it: weights do not become smaller by it. Equal inputs, equal bytes. */
export function zip(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return zipSync({ ...entries }, { level: 0, mtime: new Date(1980, 0, 1) });
}
