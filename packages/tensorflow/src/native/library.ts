import { closeSync, openSync } from 'node:fs';
import koffi, { type LibraryHandle } from 'koffi';
import { missedCudaLibraries } from './cudaLibraries.js';
import { declareFunctions, type NativeFunctions } from './functions.js';

/** The C API of one loaded libtensorflow. */
export interface NativeLibrary {
  readonly path: string;
  readonly version: string;
  readonly c: NativeFunctions;
}

const loaded = new Map<string, NativeLibrary>();

/** Functions are looked up when they are first called: all of the 190,000 that it calls take a tenth of a second. */
const lazily = { lazy: true } as const;

/**
 * Loads libtensorflow; once per path and process, since it cannot be loaded twice or taken back.
 *
 * @param path of libtensorflow_cc, with libtensorflow_framework beside it
 * @throws Error with the loader's message: the file is missing, or of another architecture
 */
export function loadLibrary(path: string): NativeLibrary {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const handle = loadQuietly(path);
  for (const each of [path, ...missedCudaLibraries(path)]) pin(each);
  const c = declareFunctions(handle);
  const library = { path, version: c.TF_Version(), c };
  loaded.set(path, library);
  return library;
}

/**
 * TensorFlow greets every process on stderr while it is loaded, before it reads what it is to log. Here it
 * says errors only, from its loading on, unless `TF_CPP_MIN_LOG_LEVEL` asks for more (0 all, 1 warnings).
 */
function loadQuietly(path: string): LibraryHandle {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (process.env.TF_CPP_MIN_LOG_LEVEL === '0') return koffi.load(path, lazily);
  const system = koffi.load(null);
  const duplicate = system.func('int dup(int descriptor)');
  const replace = system.func('int dup2(int from, int to)');
  const stderr = 2;
  const kept: number = duplicate(stderr);
  const nowhere = openSync('/dev/null', 'w');
  replace(nowhere, stderr);
  try {
    return koffi.load(path, lazily);
  } finally {
    replace(kept, stderr);
    closeSync(kept);
    closeSync(nowhere);
  }
}

/**
 * Loads a library, and keeps it mapped until the process is gone. koffi unloads its own when Node's environment
 * ends; threads of TensorFlow still run then, and the process would die of SIGSEGV after its work was done.
 */
function pin(path: string): void {
  const lazy = 0x1;
  const noDelete = process.platform === 'darwin' ? 0x80 : 0x1000;
  const dlopen = koffi.load(null).func('void* dlopen(const char* path, int flags)');
  dlopen(path, lazy | noDelete);
}
