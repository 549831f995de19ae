import type { ModelSpec } from '@lockstep/core/model';
import type { Engine, EngineDescription, LoadedModel, LoadOptions } from '../engine.js';
import { loadTfjsModel } from './model.js';
import type { CreateNetwork } from './network.js';

/** An engine on a TensorFlow.js backend that has been started under the engine's name. */
export class TfjsEngine implements Engine {
  readonly description: EngineDescription;
  readonly #models = new Set<LoadedModel>();

  constructor(
    description: EngineDescription,
    private readonly createNetwork: CreateNetwork,
  ) {
    this.description = description;
  }

  async load(model: ModelSpec, options: LoadOptions): Promise<LoadedModel> {
    const loaded = await loadTfjsModel(this.description.name, model, options, this.createNetwork);
    this.#models.add(loaded);
    return loaded;
  }

  /** Disposes the models; the backend stays, since another engine of the process may share it. */
  async dispose(): Promise<void> {
    for (const model of this.#models) model.dispose();
    this.#models.clear();
  }
}
