import { expect, it } from 'vitest';
import { formatDevices, type Machine } from './machine.js';

const gibibyte = 2 ** 30;
const machine: Machine = {
  cpu: { model: 'Some CPU', cores: 2, memoryBytes: 8 * gibibyte, freeBytes: 3.5 * gibibyte },
  gpus: [],
  problem: 'nvidia-smi says: No devices were found',
  webgpu: { adapter: 'webgpu (some-gpu, Vulkan)', problem: null },
};

it('says what there is not, and why', () => {
  expect(formatDevices(machine)).toEqual([
    'cpu     Some CPU, 2 cores, 8.0 GiB, 3.5 GiB free',
    'GPU     none: nvidia-smi says: No devices were found',
    'webgpu  webgpu (some-gpu, Vulkan)',
  ]);
});

it('names each GPU with what is known of it', () => {
  const gpus = [
    { index: 0, name: 'NVIDIA H200', memoryBytes: 140 * gibibyte, usedBytes: 0, driver: '570' },
    { index: 1, name: 'NVIDIA GB10', memoryBytes: null, usedBytes: null, driver: null },
  ];
  const webgpu = { adapter: null, problem: 'no Vulkan driver' };
  expect(formatDevices({ ...machine, gpus, problem: null, webgpu }).slice(1)).toEqual([
    'GPU 0   NVIDIA H200, 140.0 GiB, 0.0 GiB used, driver 570',
    'GPU 1   NVIDIA GB10',
    'webgpu  none: no Vulkan driver',
  ]);
});
