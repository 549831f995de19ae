import { LockstepError } from '@lockstep/core';
import type { Engine, EngineChoice } from '../engine.js';
import { TfjsEngine } from '../tfjs/engine.js';
import { acquireBackend, type OpenBackend, releaseBackend } from './backend.js';
import { WebgpuNetwork } from './network.js';

/** An automatic choice falls on a real GPU only: on a processor, the engine wasm is faster. */
export async function openWebgpuEngine({ automatic }: EngineChoice): Promise<Engine> {
  const open = await acquireBackend();
  if (!automatic || !open.isSoftware) return new WebgpuEngine(open);
  releaseBackend(open);
  throw new LockstepError('ENGINE_UNAVAILABLE', `${open.name}: that is no GPU`, {
    hint: 'Choose it by name to use it all the same: --engine webgpu.',
  });
}

/** An engine on the device that the engines of this name share. */
class WebgpuEngine extends TfjsEngine {
  #open: OpenBackend | undefined;

  constructor(open: OpenBackend) {
    super({ name: 'webgpu', device: open.name }, (built) => new WebgpuNetwork(open.device, built));
    this.#open = open;
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    if (this.#open !== undefined) releaseBackend(this.#open);
    this.#open = undefined;
  }
}
