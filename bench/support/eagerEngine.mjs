// What there would be without capture: TensorFlow.js on the same library, one call for each operation.
import { createEngine } from '@lockstep/worker';
import { TfjsEngine } from '../../packages/worker/dist/engine/tfjs/engine.js';
import { SynchronousNetwork } from '../../packages/worker/dist/engine/tfjs/synchronousNetwork.js';

const backend = 'tensorflow';

/** @throws ENGINE_UNAVAILABLE where the engine `tensorflow` does not work, which starts the library */
export async function createEagerEngine() {
  await createEngine(backend);
  return new TfjsEngine(
    { name: backend, device: 'the same library, op by op' },
    (built) => new SynchronousNetwork(backend, built, (tensor) => tensor.dataSync()),
  );
}
