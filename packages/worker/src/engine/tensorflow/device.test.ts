import { afterEach, expect, it, vi } from 'vitest';
import { checkDevice, cudaEnvironment, libraryFor, nameOfDevice } from './device.js';

const cpu = {
  name: '/job:localhost/replica:0/task:0/device:CPU:0',
  type: 'CPU',
  memoryBytes: 2 ** 28,
};
const onCpu = { isUsingGpu: false, devices: () => [cpu] };
const onGpu = {
  isUsingGpu: true,
  devices: () => [cpu, { ...cpu, name: cpu.name.replace('CPU', 'GPU'), type: 'GPU' }],
};

afterEach(() => vi.restoreAllMocks());

it.each([
  ['0', '0'],
  ['GPU-5a', 'GPU-5a'],
  ['cpu', '-1'],
])('shows CUDA the device %s as %s, counted as nvidia-smi counts', (device, visible) => {
  expect(cudaEnvironment(device)).toEqual({
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: visible,
  });
});

it('fails where a GPU was asked for and TensorFlow sees none, naming both', () => {
  expect(() => checkDevice(onCpu, { device: '1' })).toThrow(
    'device 1 was asked for, and TensorFlow sees only CPU:0',
  );
});

it('warns instead, where the CPU will do', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  checkDevice(onCpu, { device: '1', allowCpu: true });
  expect(warn.mock.calls).toEqual([
    ['going on without device 1: TensorFlow sees only CPU:0', 'LockstepWarning'],
  ]);
});

it.each([
  [onCpu, {}],
  [onCpu, { device: 'cpu' }],
  [onGpu, { device: '1' }],
])('is content otherwise: %#', (tensorflow, options) => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  expect(() => checkDevice(tensorflow, options)).not.toThrow();
  expect(warn).not.toHaveBeenCalled();
});

it('names the device', () => {
  const names = [onCpu, onGpu].flatMap((each) => [
    nameOfDevice(each, undefined),
    nameOfDevice(each, '1'),
  ]);
  expect(names).toEqual(['CPU', 'CPU', 'GPU', 'GPU 1']);
});

it('says how to get a library that reaches the GPU', async () => {
  vi.stubEnv('LOCKSTEP_CACHE', '/nowhere');
  const code = 'ENGINE_UNAVAILABLE';
  await expect(libraryFor({ device: '0' })).rejects.toMatchObject({
    code,
    hint: "Run 'lockstep engine install --cuda'.",
  });
  await expect(libraryFor({ device: '0', allowCpu: true })).rejects.toMatchObject({
    code,
    hint: "Run 'lockstep engine install'.",
  });
  vi.unstubAllEnvs();
});
