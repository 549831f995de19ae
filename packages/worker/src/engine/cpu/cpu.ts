import '@tensorflow/tfjs-backend-cpu';
import type { Engine } from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { TfjsEngine } from '../tfjs/engine.js';

/** Plain JavaScript: slow, works everywhere, and the reference for the others. */
export async function createCpuEngine(): Promise<Engine> {
  await startBackend('cpu');
  return new TfjsEngine({ name: 'cpu', device: 'cpu (JavaScript)' }, (tensor) =>
    tensor.dataSync<'float32'>(),
  );
}
