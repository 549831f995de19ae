import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-wasm';
import { backend, env, type Tensor } from '@tensorflow/tfjs-core';
import { registerUniformBySample } from '../../noise/index.js';
import type { Engine } from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { TfjsEngine } from '../tfjs/engine.js';
import { SynchronousNetwork } from '../tfjs/synchronousNetwork.js';
import { registerTrainingKernels } from './kernels/register.js';
import { floatsOf } from './kernels/wasmKernels.js';

/** WebAssembly, with SIMD instructions where the processor has them. */
export async function createWasmEngine(): Promise<Engine> {
  registerTrainingKernels();
  registerUniformBySample('wasm');
  await startBackend('wasm');
  const hasSimd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const description = { name: 'wasm', device: hasSimd ? 'wasm (SIMD)' : 'wasm' };
  // A view of the WebAssembly memory: dataSync would allocate a copy of each gradient in each step.
  const read = (tensor: Tensor) => floatsOf(backend() as BackendWasm, tensor);
  return new TfjsEngine(description, (built) => new SynchronousNetwork('wasm', built, read));
}
