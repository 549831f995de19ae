import { LockstepError } from '@lockstep/core';
import { create } from 'webgpu';
import { withinDeadline } from './deadline.js';
import { driverHint, vulkanDriverManifests } from './vulkanDrivers.js';

/** What Dawn computes with: the graphics interface of the system's drivers. */
const interfaces: Partial<Record<NodeJS.Platform, { option: string; name: string }>> = {
  linux: { option: 'vulkan', name: 'Vulkan' },
  darwin: { option: 'metal', name: 'Metal' },
  win32: { option: 'd3d12', name: 'Direct3D 12' },
};

/**
 * One for the process, for ever: Dawn crashes where this object is collected while adapters, devices or
 * buffers that came from it are still in use.
 */
let dawn: GPU | undefined;

/** The fastest adapter, or ENGINE_UNAVAILABLE with the reason there is none. */
export async function openAdapter(): Promise<{ gpu: GPU; adapter: GPUAdapter }> {
  const option = interfaces[process.platform]?.option;
  dawn ??= create(option === undefined ? [] : [`backend=${option}`]);
  const request = dawn.requestAdapter({ powerPreference: 'high-performance' });
  const adapter = await withinDeadline(request, 'adapter');
  if (adapter !== null) return { gpu: dawn, adapter };
  const drivers = option === 'vulkan' ? vulkanDriverManifests(process.env) : [];
  const through = drivers.length === 0 ? '' : ` through the Vulkan drivers ${drivers.join(', ')}`;
  throw new LockstepError('ENGINE_UNAVAILABLE', `webgpu: no GPU was found${through}`, {
    hint: driverHint,
  });
}

/** For people: `webgpu (nvidia-h200, Vulkan)`, `webgpu (swiftshader-device-subzero, CPU)`. */
export function nameOfAdapter(
  {
    device,
    description,
    vendor,
    isFallbackAdapter,
  }: Pick<GPUAdapterInfo, 'device' | 'description' | 'vendor' | 'isFallbackAdapter'>,
  platform: NodeJS.Platform,
): string {
  // Dawn writes names as the standard wants them: what is no letter or digit is a dash.
  const name = (device || description || vendor || 'unnamed').replace(/-+$/, '');
  const runsOn = isFallbackAdapter ? 'CPU' : interfaces[platform]?.name;
  return `webgpu (${[name, runsOn].filter((part) => part !== undefined).join(', ')})`;
}
