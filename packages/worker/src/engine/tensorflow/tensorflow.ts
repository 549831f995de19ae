import { LockstepError } from '@lockstep/core';
import type { ModelSpec } from '@lockstep/core/model';
import { startTensorFlow, type TensorFlow } from '@lockstep/tensorflow';
import { findEngine } from '@lockstep/tensorflow/install';
import { env } from '@tensorflow/tfjs-core';
import type {
  Engine,
  EngineChoice,
  EngineDescription,
  LoadedModel,
  LoadOptions,
} from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { loadGraphModel } from './model.js';
import { registerUniformKernel } from './uniformKernel.js';

/** libtensorflow, with each pass of a model as one call of a captured graph. */
export async function createTensorflowEngine(choice: EngineChoice): Promise<Engine> {
  const installed = await findEngine();
  if (installed === null) {
    throw new LockstepError('ENGINE_UNAVAILABLE', 'the TensorFlow library is not installed', {
      hint: "Run 'lockstep engine install'.",
    });
  }
  env().set('PROD', true);
  const tensorflow = startTensorFlow(installed.library, { intraOpThreads: choice.threads ?? 0 });
  registerUniformKernel();
  await startBackend('tensorflow');
  return new TensorflowEngine(tensorflow, choice);
}

class TensorflowEngine implements Engine {
  readonly description: EngineDescription;
  readonly #models = new Set<LoadedModel>();

  constructor(
    private readonly tensorflow: TensorFlow,
    private readonly choice: EngineChoice,
  ) {
    this.description = { name: 'tensorflow', device: deviceOf(tensorflow, choice) };
  }

  async load(model: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    const { precision = 'float32' } = this.choice;
    const loaded = await loadGraphModel(model, options, {
      tensorflow: this.tensorflow,
      precision,
      onFallback: (name, reason) =>
        process.emitWarning(`'${name}' of the model '${model.name}' runs op by op: ${reason}`, {
          type: 'LockstepWarning',
        }),
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

function deviceOf(tensorflow: TensorFlow, { precision = 'float32' }: EngineChoice): string {
  const device = tensorflow.isUsingGpu ? 'GPU' : 'CPU';
  const mixed = precision === 'float32' ? '' : `, ${precision}`;
  return `tensorflow ${tensorflow.version} (${device}${mixed})`;
}
