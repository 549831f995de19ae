import '@tensorflow/tfjs-backend-wasm';
import { env } from '@tensorflow/tfjs-core';
import type { Engine } from '../engine.js';
import { startBackend } from '../tfjs/backend.js';
import { TfjsEngine } from '../tfjs/engine.js';
import { registerTrainingKernels } from './kernels/register.js';

/** WebAssembly, with SIMD instructions where the processor has them. */
export async function createWasmEngine(): Promise<Engine> {
  registerTrainingKernels();
  await startBackend('wasm');
  const hasSimd = await env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return new TfjsEngine({ name: 'wasm', device: hasSimd ? 'wasm (SIMD)' : 'wasm' });
}
