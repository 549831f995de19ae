import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import { registerUniformBySample } from '../../noise/index.js';
import { startBackend } from '../tfjs/backend.js';
import { nameOfAdapter, openAdapter } from './adapter.js';
import { Device } from './device.js';
import { defineGlobals, withNavigator } from './globals.js';

/** The backend of TensorFlow.js on a device of ours. */
export interface OpenBackend {
  readonly device: Device;
  /** For people; see EngineDescription. */
  readonly name: string;
  /** Whether it is a processor that plays a GPU. */
  readonly isSoftware: boolean;
}

export const backendName = 'webgpu';

let users = 0;
let open: Promise<OpenBackend> | undefined;

/** TensorFlow.js has one backend of a name for the whole process: all engines share it. */
export async function acquireBackend(): Promise<OpenBackend> {
  users++;
  open ??= openBackend();
  try {
    return await open;
  } catch (thrown) {
    users--;
    open = undefined;
    throw thrown;
  }
}

/** The last one closes the device: a process that ends with open ones leaves it to the driver. */
export function releaseBackend({ device }: OpenBackend): void {
  users--;
  if (users > 0) return;
  open = undefined;
  removeBackend(backendName);
  device.close();
}

async function openBackend(): Promise<OpenBackend> {
  const { gpu, adapter } = await openAdapter();
  const device = await Device.open(adapter);
  const { info } = adapter;
  try {
    defineGlobals();
    // The package would register itself, had `navigator.gpu` been there when it was loaded.
    const backend = withNavigator(gpu, () => new WebGPUBackend(device.device, info));
    registerUniformBySample(backendName);
    registerBackend(backendName, () => backend);
    await startBackend(backendName);
  } catch (thrown) {
    device.close();
    throw thrown;
  }
  const name = nameOfAdapter(info, process.platform);
  return { device, name, isSoftware: info.isFallbackAdapter };
}
