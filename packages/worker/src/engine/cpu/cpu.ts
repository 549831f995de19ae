import '@tensorflow/tfjs-backend-cpu';
import { registerUniformBySample } from '../../noise/index.js';
import type { Engine } from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { TfjsEngine } from '../tfjs/engine.js';
import { SynchronousNetwork } from '../tfjs/synchronousNetwork.js';

/** Plain JavaScript: slow, works everywhere, and the reference for the others. */
export async function createCpuEngine(): Promise<Engine> {
  registerUniformBySample('cpu');
  await startBackend('cpu');
  return new TfjsEngine(
    { name: 'cpu', device: 'cpu (JavaScript)' },
    (built) => new SynchronousNetwork('cpu', built, (tensor) => tensor.dataSync<'float32'>()),
  );
}
