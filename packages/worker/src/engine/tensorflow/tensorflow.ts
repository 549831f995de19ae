import { availableParallelism } from 'node:os';
import { toLockstepError } from '@lockstep/core';
import type { ModelSpec } from '@lockstep/core/model';
import { startTensorFlow, type TensorFlow } from '@lockstep/tensorflow';
import { env } from '@tensorflow/tfjs-core';
import type {
  Engine,
  EngineChoice,
  EngineDescription,
  LoadedModel,
  LoadOptions,
} from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { checkDevice, cudaEnvironment, libraryFor, nameOfDevice } from './device.js';
import { loadGraphModel } from './model.js';
import { registerUniformKernel } from './uniformKernel.js';

/** libtensorflow, with each pass of a model as one call of a captured graph. */
export async function createTensorflowEngine(choice: EngineChoice): Promise<Engine> {
  const { threads = availableParallelism(), device } = choice;
  const tensorflow = await openTensorFlow(choice);
  return new TensorflowEngine(tensorflow, threads, device);
}

/**
 * TensorFlow in this process, as the backend of TensorFlow.js.
 *
 * @throws ENGINE_UNAVAILABLE where it is not installed, or cannot be had as it is asked for
 */
export async function openTensorFlow(choice: EngineChoice): Promise<TensorFlow> {
  const { library } = await libraryFor(choice);
  const { threads = availableParallelism(), device } = choice;
  if (device !== undefined) Object.assign(process.env, cudaEnvironment(device));
  env().set('PROD', true);
  const tensorflow = start(library, threads, choice);
  checkDevice(tensorflow, choice);
  registerUniformKernel();
  await startBackend('tensorflow');
  return tensorflow;
}

/** A library that is there and cannot be used is a surprise: an automatic choice does not go on in silence. */
function start(library: string, threads: number, { automatic }: EngineChoice): TensorFlow {
  try {
    // A pool of more threads than the worker was given would keep the cores of its neighbours busy.
    return startTensorFlow(library, { intraOpThreads: threads, interOpThreads: threads });
  } catch (thrown) {
    const { message } = toLockstepError(thrown);
    if (automatic) {
      process.emitWarning(`going on without the native engine: ${message}`, 'LockstepWarning');
    }
    throw thrown;
  }
}

class TensorflowEngine implements Engine {
  readonly description: EngineDescription;
  readonly #models = new Set<LoadedModel>();

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly threads: number,
    device: string | undefined,
  ) {
    this.description = {
      name: 'tensorflow',
      device: `tensorflow ${tensorflow.version} (${nameOfDevice(tensorflow, device)})`,
    };
  }

  async load(model: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    const loaded: LoadedModel = await loadGraphModel(model, options, {
      tensorflow: this.tensorflow,
      threads: this.threads,
      onFallback: (name, reason) =>
        process.emitWarning(`'${name}' of the model '${model.name}' runs op by op: ${reason}`, {
          type: 'LockstepWarning',
        }),
      onDispose: () => this.#models.delete(loaded),
    });
    this.#models.add(loaded);
    return loaded;
  }

  /** Disposes the models; TensorFlow stays: a process has one, and cannot start it again. */
  async dispose(): Promise<void> {
    for (const model of this.#models) model.dispose();
    this.#models.clear();
  }
}
