import { expect, it } from 'vitest';
import { nameOfAdapter } from './adapter.js';

const h200 = {
  vendor: 'nvidia',
  device: 'nvidia-h200',
  description: 'NVIDIA: 570.86.15',
  isFallbackAdapter: false,
};

it('names the device and what it is reached by', () => {
  expect(nameOfAdapter(h200, 'linux')).toBe('webgpu (nvidia-h200, Vulkan)');
  expect(nameOfAdapter({ ...h200, device: 'apple-m4-' }, 'darwin')).toBe(
    'webgpu (apple-m4, Metal)',
  );
  expect(nameOfAdapter(h200, 'freebsd')).toBe('webgpu (nvidia-h200)');
});

it('says where a processor plays the GPU', () => {
  const software = { ...h200, device: 'swiftshader-device-subzero-', isFallbackAdapter: true };
  expect(nameOfAdapter(software, 'linux')).toBe('webgpu (swiftshader-device-subzero, CPU)');
});

it('falls back on driver and vendor where the device has no name', () => {
  expect(nameOfAdapter({ ...h200, device: '' }, 'linux')).toContain('NVIDIA: 570');
  expect(nameOfAdapter({ ...h200, device: '', description: '' }, 'linux')).toContain('(nvidia,');
});
