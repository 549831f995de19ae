import { availableParallelism } from 'node:os';
import { LockstepError } from '@lockstep/core';
import { registerBackend } from '@tensorflow/tfjs-core';
import type { RuntimeOptions } from '../native/config.js';
import type { Pointer } from '../native/functions.js';
import { loadLibrary, type NativeLibrary } from '../native/library.js';
import { Status } from '../native/status.js';
import { Binding } from './binding.js';
import { createContext } from './context.js';
import { type Device, listDevices } from './devices.js';
import { loadNodeKernels, type NodeBackend } from './nodeKernels.js';

/** TensorFlow as it runs in this process, and as the backend `tensorflow` of TensorFlow.js. */
export interface TensorFlow {
  readonly library: NativeLibrary;
  readonly version: string;
  /** As it was started. */
  readonly options: RuntimeOptions;
  /** The `TFE_Context` of all single ops. */
  readonly context: Pointer;
  readonly binding: Binding;
  readonly backend: NodeBackend;
  /** Tensors live on a GPU, and ops run there. */
  readonly isUsingGpu: boolean;
  devices(): readonly Device[];
}

/** Under this name of a package the kernels do what TensorFlow has on GPUs only: dilated conv3d. */
const gpuPackage = '@tensorflow/tfjs-node-gpu';

interface Started {
  readonly path: string;
  readonly options: RuntimeOptions;
  readonly tensorFlow: TensorFlow;
}

let started: Started | undefined;

/**
 * Loads libtensorflow and registers the backend `tensorflow` with TensorFlow.js; once per process, in which
 * TensorFlow cannot be loaded twice. Asked again for the same, it gives what runs.
 *
 * @throws LockstepError ENGINE_UNAVAILABLE where the library cannot be loaded, or TensorFlow already runs
 *   otherwise
 */
export function startTensorFlow(libraryPath: string, given: RuntimeOptions = {}): TensorFlow {
  const options = {
    intraOpThreads: given.intraOpThreads || availableParallelism(),
    interOpThreads: given.interOpThreads || availableParallelism(),
  };
  if (started === undefined) {
    started = { path: libraryPath, options, tensorFlow: start(libraryPath, options) };
  } else if (started.path !== libraryPath || !sameThreads(started.options, options)) {
    throw new LockstepError(
      'ENGINE_UNAVAILABLE',
      `TensorFlow already runs in this process, from ${started.path} with ${threads(started.options)}; it cannot be started from ${libraryPath} with ${threads(options)}`,
      { hint: 'Use another process.' },
    );
  }
  return started.tensorFlow;
}

function start(libraryPath: string, options: RuntimeOptions): TensorFlow {
  // Otherwise all sessions share the threads of whichever came first.
  process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ??= '1';
  const library = load(libraryPath);
  const { context, devices } = startDevices(library, options);
  const accelerator = devices.find(({ type }) => type === 'GPU')?.name ?? null;
  const isUsingGpu = accelerator !== null;
  const binding = new Binding(library, context, accelerator);
  const NodeBackend = loadNodeKernels();
  const backend = new NodeBackend(binding, isUsingGpu ? gpuPackage : '@tensorflow/tfjs-node');
  registerBackend('tensorflow', () => backend);
  return {
    library,
    version: library.version,
    options,
    context,
    binding,
    backend,
    isUsingGpu,
    devices: () => devices,
  };
}

function startDevices({ c }: NativeLibrary, options: RuntimeOptions) {
  const status = new Status(c);
  try {
    const context = createContext(c, options, status);
    return { context, devices: listDevices(c, context, status) };
  } finally {
    status.delete();
  }
}

function load(path: string): NativeLibrary {
  try {
    return loadLibrary(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LockstepError('ENGINE_UNAVAILABLE', `libtensorflow cannot be loaded: ${reason}`, {
      hint: "Run 'lockstep engine install' to fetch one for this machine.",
      cause,
    });
  }
}

const threads = ({ intraOpThreads, interOpThreads }: RuntimeOptions): string =>
  `${intraOpThreads} intra-op and ${interOpThreads} inter-op threads`;

const sameThreads = (one: RuntimeOptions, other: RuntimeOptions): boolean =>
  threads(one) === threads(other);
