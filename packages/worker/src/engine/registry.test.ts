import { createRequire } from 'node:module';
import { beforeAll, expect, it, vi } from 'vitest';
import { createEngine, engineNames, probeEngines } from './registry.js';

// The same on every machine: without a library of TensorFlow's, without a GPU.
beforeAll(() => {
  vi.stubEnv('LOCKSTEP_CACHE', '/nowhere');
  vi.stubEnv('VK_DRIVER_FILES', '/nowhere');
});

/** The packages are CommonJS: what has been loaded stands in the module cache of the process. */
function loadedTensorLibraries(): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((path) => path.includes('@tensorflow'));
}

it('loads no tensor library before an engine is made', async () => {
  expect(loadedTensorLibraries()).toEqual([]);
  const engine = await createEngine('cpu');
  expect(loadedTensorLibraries()).not.toEqual([]);
  await engine.dispose();
});

it('makes every engine by its name, and the first that works as auto', async () => {
  expect(engineNames).toEqual(['auto', 'tensorflow', 'webgpu', 'wasm', 'cpu']);
  for (const name of ['tensorflow', 'webgpu']) {
    await expect(createEngine(name)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  }
  for (const name of ['auto', 'wasm', 'cpu']) {
    const engine = await createEngine(name);
    expect(engine.description.name).toBe(name === 'auto' ? 'wasm' : name);
    await engine.dispose();
  }
});

it('refuses an unknown name with the names that there are', async () => {
  await expect(createEngine('abacus')).rejects.toMatchObject({
    code: 'USAGE',
    message: "there is no engine 'abacus'",
    hint: 'Use one of: auto, tensorflow, webgpu, wasm, cpu.',
  });
});

it('gives a device only to an engine that takes it', async () => {
  for (const name of ['webgpu', 'wasm', 'cpu']) {
    await expect(createEngine(name, { device: '0' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `the engine '${name}' cannot be given the device '0'`,
    });
  }
  await expect(createEngine('webgpu', { device: 'cpu' })).rejects.toThrow("the device 'cpu'");
  for (const options of [{ device: 'cpu' }, { device: '0', allowCpu: true }, { threads: 2 }]) {
    const engine = await createEngine('cpu', options);
    expect(engine.description.name).toBe('cpu');
    await engine.dispose();
  }
});

it('does not fall back from a device that was asked for', async () => {
  await expect(createEngine('auto', { device: '0' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: 'the TensorFlow library is not installed',
  });
  const engine = await createEngine('auto', { device: '0', allowCpu: true });
  expect(engine.description.name).toBe('wasm');
  await engine.dispose();
});

it('probes every engine', async () => {
  expect(await probeEngines()).toEqual([
    { name: 'tensorflow', works: false, reason: 'the TensorFlow library is not installed' },
    { name: 'webgpu', works: false, reason: 'webgpu: no Vulkan driver is installed' },
    { name: 'wasm', works: true, device: expect.stringContaining('wasm') },
    { name: 'cpu', works: true, device: 'cpu (JavaScript)' },
  ]);
});
