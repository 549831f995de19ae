import { LockstepError } from '@lockstep/core';
import type { Engine, EngineChoice } from '../engine.js';
import { checkVulkanDrivers } from './vulkanDrivers.js';

/**
 * GPUs without CUDA, and those with it, by WebGPU: Dawn, prebuilt in the package webgpu, on the
 * system's Vulkan, Metal or Direct3D 12.
 */
export async function createWebgpuEngine(choice: EngineChoice): Promise<Engine> {
  checkVulkanDrivers();
  const { openWebgpuEngine } = await loadDawn();
  return await openWebgpuEngine(choice);
}

/** The package is large, and has no build for some systems: it may be missing or not load. */
async function loadDawn() {
  try {
    return await import('./engine.js');
  } catch (thrown) {
    const [reason] = String(thrown instanceof Error ? thrown.message : thrown).split('\n');
    throw new LockstepError('ENGINE_UNAVAILABLE', `webgpu: Dawn does not load: ${reason}`, {
      hint: "Install the package with 'npm i webgpu', or use --engine wasm.",
      cause: thrown,
    });
  }
}
