import { LockstepError } from '@lockstep/core';
import type { TensorFlow } from '@lockstep/tensorflow';
import { findEngine, type InstalledEngine } from '@lockstep/tensorflow/install';
import type { EngineOptions } from '../engine.js';

/**
 * What CUDA is told before it is loaded, so that a process sees its own device and no other. CUDA counts GPUs
 * by speed unless told otherwise, nvidia-smi by their place on the bus: here, too, a number means the latter.
 * https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables
 *
 * @param device `cpu`, or a GPU as `CUDA_VISIBLE_DEVICES` names it
 */
export function cudaEnvironment(device: string): Record<string, string> {
  return {
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: device === 'cpu' ? '-1' : device,
  };
}

/**
 * The library for a device: for the CPU the smaller one, if both are there.
 *
 * @throws ENGINE_UNAVAILABLE where none is installed, or only one that cannot reach the GPU that was asked for
 */
export async function libraryFor({
  device,
  allowCpu = false,
}: EngineOptions): Promise<InstalledEngine> {
  const preferred = device === 'cpu' ? await findEngine({ variant: 'cpu' }) : null;
  const installed = preferred ?? (await findEngine());
  const asksForGpu = device !== undefined && device !== 'cpu' && !allowCpu;
  if (installed === null) {
    throw new LockstepError('ENGINE_UNAVAILABLE', 'the TensorFlow library is not installed', {
      hint: `Run 'lockstep engine install${asksForGpu ? ' --cuda' : ''}'.`,
    });
  }
  if (asksForGpu && installed.variant !== 'cuda') {
    throw new LockstepError(
      'ENGINE_UNAVAILABLE',
      `device ${device} was asked for, and the library that is installed is the build for CPUs: ${installed.name}`,
      { hint: "Run 'lockstep engine install --cuda', or allow the CPU with --allow-cpu." },
    );
  }
  return installed;
}

/**
 * Says what TensorFlow saw, where it does not see the GPU that it was given.
 *
 * @throws ENGINE_UNAVAILABLE unless the CPU will do; then it is a warning
 */
export function checkDevice(
  tensorflow: Pick<TensorFlow, 'isUsingGpu' | 'devices'>,
  { device, allowCpu = false }: EngineOptions,
): void {
  if (device === undefined || device === 'cpu' || tensorflow.isUsingGpu) return;
  const seen = tensorflow.devices().map(({ name }) => name.replace(/.*\/device:/, ''));
  const finding = `TensorFlow sees only ${seen.join(', ')}`;
  if (allowCpu) {
    process.emitWarning(`going on without device ${device}: ${finding}`, 'LockstepWarning');
    return;
  }
  throw new LockstepError('ENGINE_UNAVAILABLE', `device ${device} was asked for, and ${finding}`, {
    hint: "See 'lockstep devices' for the GPUs and their driver, or allow the CPU with --allow-cpu.",
  });
}

/** For people: `CPU`, `GPU`, `GPU 1`. */
export function nameOfDevice({ isUsingGpu }: Pick<TensorFlow, 'isUsingGpu'>, device?: string) {
  if (!isUsingGpu) return 'CPU';
  return device === undefined ? 'GPU' : `GPU ${device}`;
}
