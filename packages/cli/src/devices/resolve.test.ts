import { afterEach, describe, expect, it, vi } from 'vitest';
import { devicesFor, engineFor, visibleGpus, type Wanted } from './resolve.js';

const wanted: Wanted = { engine: 'auto', devices: 'auto', allowCpu: false };

// Without a library of TensorFlow's, as on a machine where none was installed.
afterEach(() => vi.unstubAllEnvs());

describe('the engine', () => {
  it.each<[string, Partial<Wanted>]>([
    ['auto', {}],
    ['auto', { devices: 'cpu' }],
    ['auto', { devices: ['0'], allowCpu: true }],
    ['tensorflow', { devices: ['0'] }],
    ['tensorflow', { precision: 'bfloat16' }],
    ['wasm', { engine: 'wasm' }],
    ['wasm', { engine: 'wasm', devices: ['0'], allowCpu: true }],
    ['tensorflow', { engine: 'tensorflow', precision: 'bfloat16', devices: ['0', '1'] }],
  ])('is %s for %j', (engine, change) => {
    expect(engineFor({ ...wanted, ...change })).toBe(engine);
  });

  it.each<[string, Partial<Wanted>]>([
    ['--precision bfloat16', { precision: 'bfloat16' }],
    ['--devices 0,1', { devices: ['0', '1'] }],
    ['--precision bfloat16 and --devices 1', { precision: 'bfloat16', devices: ['1'] }],
  ])('cannot be wasm for %s', (asked, change) => {
    expect(() => engineFor({ ...wanted, engine: 'wasm', ...change })).toThrow(
      `${asked} can be done by the engine tensorflow only, not by 'wasm'`,
    );
  });
});

describe('the devices', () => {
  it('are left to the engine where there is no library for GPUs', async () => {
    vi.stubEnv('LOCKSTEP_CACHE', '/nowhere');
    expect(await devicesFor(wanted)).toEqual({ devices: ['auto'], allowCpu: false });
  });

  const gpu = { name: 'NVIDIA H200', memoryBytes: null, usedBytes: null, driver: null };
  const withGpus = (...indices: number[]) => ({
    hasCudaLibrary: async () => true,
    lookForGpus: async () => ({ gpus: indices.map((index) => ({ ...gpu, index })) }),
  });

  it('are by themselves those that are there, and none of them is insisted on', async () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
    expect(await devicesFor(wanted, withGpus(0, 1))).toEqual({
      devices: ['0', '1'],
      allowCpu: true,
    });
    expect(await devicesFor(wanted, withGpus())).toEqual({ devices: ['cpu'], allowCpu: true });
  });

  it('are by themselves those that a batch system leaves', async () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', 'GPU-5a');
    expect((await devicesFor(wanted, withGpus(0, 1))).devices).toEqual(['GPU-5a']);
  });

  it('are nothing to an engine that is not given any', async () => {
    const given = await devicesFor({ ...wanted, engine: 'wasm' }, withGpus(0, 1));
    expect(given.devices).toEqual(['auto']);
  });

  it('are those that were asked for', async () => {
    vi.stubEnv('LOCKSTEP_CACHE', '/nowhere');
    expect(await devicesFor({ ...wanted, devices: 'cpu' })).toEqual({
      devices: ['cpu'],
      allowCpu: false,
    });
    const allowed = { ...wanted, devices: ['0', '1'], allowCpu: true };
    for (const engine of ['auto', 'tensorflow']) {
      expect(await devicesFor({ ...allowed, engine })).toEqual({
        devices: ['0', '1'],
        allowCpu: true,
      });
    }
  });

  it('cannot be GPUs without a library for them', async () => {
    vi.stubEnv('LOCKSTEP_CACHE', '/nowhere');
    const asked = { ...wanted, engine: 'tensorflow', devices: ['0'] };
    await expect(devicesFor(asked)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      hint: "Run 'lockstep engine install --cuda'.",
    });
  });

  it.each([
    [undefined, null],
    ['', []],
    ['-1', []],
    ['0', ['0']],
    ['2, 3', ['2', '3']],
    ['GPU-5a,-1,1', ['GPU-5a']],
  ])('that CUDA_VISIBLE_DEVICES=%s leaves are %j', (variable, gpus) => {
    expect(visibleGpus(variable)).toEqual(gpus);
  });
});
