import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockstepError } from '@lockstep/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEngine } from './find.js';
import { installEngine } from './install.js';
import type { Pin } from './pins.js';
import { planInstall } from './plan.js';
import type { InstallProgress } from './progress.js';
import { environmentOf, type TinyPin, writeTinyWheel } from './wheel.suite.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engine-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const wheels = (): string => join(root, 'wheels');
const cache = (...parts: string[]): string => join(root, 'cache', ...parts);
const tiny = (given?: TinyPin): Pin => writeTinyWheel(wheels(), given);
const name = 'tensorflow-1.0-cpu-linux-x64';

/** The engine, or the ENGINE_INSTALL that it was refused with; and the stages that were gone through. */
async function install(pin: Pin, from: string | null, variables: Record<string, string> = {}) {
  const stages: string[] = [];
  const environment = environmentOf(root, pin, variables);
  const onProgress = ({ stage }: InstallProgress): void => {
    if (stages.at(-1) !== stage) stages.push(stage);
  };
  const engine = await installEngine({ from, onProgress, environment });
  return { engine, stages };
}

async function refused(...given: Parameters<typeof install>): Promise<LockstepError> {
  const thrown: unknown = await install(...given).then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ code: 'ENGINE_INSTALL' });
  return thrown as LockstepError;
}

/** No engine, and nothing in the way of the next installation. */
async function expectNothingHalf(pin: Pin): Promise<void> {
  expect(await findEngine({ environment: environmentOf(root, pin) })).toBeNull();
  expect(existsSync(cache('engines', name))).toBe(false);
  if (existsSync(cache('staging'))) expect(readdirSync(cache('staging'))).toEqual([]);
  if (existsSync(cache())) {
    expect(readdirSync(cache()).filter((file) => file.endsWith('.lock'))).toEqual([]);
  }
}

describe('from a file', () => {
  it('unpacks what is needed and nothing else, and finds it', async () => {
    const pin = tiny();
    const environment = environmentOf(root, pin);
    expect(await findEngine({ environment })).toBeNull();
    expect(await planInstall({ environment })).toEqual({
      name,
      variant: 'cpu',
      version: '1.0',
      directory: cache('engines', name),
      downloadBytes: pin.wheels[0]!.bytes,
      unpackedBytes: 4096,
    });
    const { engine, stages } = await install(pin, join(wheels(), pin.wheels[0]!.file));
    expect(stages).toEqual(['checking', 'unpacking']);
    expect(engine).toEqual({
      name,
      variant: 'cpu',
      version: '1.0',
      directory: cache('engines', name),
      library: cache('engines', name, 'tensorflow', 'libtensorflow_cc.so.2'),
      bytes: 4096,
    });
    expect(readdirSync(cache('engines', name, 'tensorflow'))).toEqual(['libtensorflow_cc.so.2']);
    expect(await findEngine({ environment })).toEqual(engine);
    expect(await install(pin, null, { LOCKSTEP_OFFLINE: '1' })).toEqual({ engine, stages: [] });
  });

  it('takes a folder', async () => {
    expect((await install(tiny(), wheels())).engine.name).toBe(name);
  });

  it.each([
    ['that is not there', 'nowhere', 'is not there'],
    ['without the wheel', '.', 'does not hold lockstep_tiny-1.0'],
  ])('refuses a folder %s', async (_what, folder, said) => {
    const pin = tiny();
    expect((await refused(pin, join(root, folder))).message).toContain(said);
    await expectNothingHalf(pin);
  });

  it('refuses other bytes, with both hashes', async () => {
    const pin = tiny({ says: { sha256: 'ab'.repeat(32) } });
    const { message } = await refused(pin, wheels());
    expect(message).toContain('ab'.repeat(32));
    expect(message).toContain(tiny().wheels[0]!.sha256);
    await expectNothingHalf(pin);
  });

  it('refuses a library of another architecture, and says of which', async () => {
    const pin = tiny({ machine: 183 });
    const { message } = await refused(pin, wheels());
    expect(message).toContain('is a library for linux arm64; this machine is linux x64');
    await expectNothingHalf(pin);
  });

  it('refuses what is no zip file', async () => {
    const pin = tiny();
    const file = join(wheels(), pin.wheels[0]!.file);
    writeFileSync(file, 'hello, world');
    const digest = '09ca7e4eaa6e8ae9c7d261167129184883644d07dfba7cbfbc4c8a2e08360d5b';
    const same = { ...pin, wheels: [{ ...pin.wheels[0]!, sha256: digest }] };
    expect((await refused(same, file)).message).toContain('cannot be unpacked');
    await expectNothingHalf(same);
  });

  it('takes the place of an engine that is no longer whole', async () => {
    const pin = tiny();
    const { engine } = await install(pin, wheels());
    writeFileSync(engine.library, 'cut short');
    expect(await findEngine({ environment: environmentOf(root, pin) })).toBeNull();
    expect((await install(pin, wheels())).stages).toContain('unpacking');
    expect(await findEngine({ environment: environmentOf(root, pin) })).toEqual(engine);
  });

  it('refuses a cache that cannot be written', async () => {
    const pin = tiny();
    writeFileSync(cache(), 'a file');
    const { message, hint } = await refused(pin, wheels());
    expect(message).toContain(cache());
    expect(hint).toContain('LOCKSTEP_CACHE');
  });
});

it.skipIf(process.platform !== 'linux')(
  'ends where no folder can be made (needs /proc)',
  async () => {
    const { message, hint } = await refused(tiny(), null, { LOCKSTEP_CACHE: '/proc/lockstep' });
    expect(message).toContain('the cache /proc/lockstep cannot be changed: ENOENT');
    expect(hint).toContain('LOCKSTEP_CACHE');
  },
);

describe('where there is no such library', () => {
  it('says which engine runs there', async () => {
    const environment = { ...environmentOf(root, tiny()), platform: 'win32' };
    await expect(installEngine({ environment })).rejects.toMatchObject({
      code: 'ENGINE_INSTALL',
      message: 'there is no TensorFlow for win32 x64',
      hint: 'Use --engine wasm: it runs everywhere.',
    });
    expect(await findEngine({ environment })).toBeNull();
  });

  it('says what the machine lacks', async () => {
    const lacks = { obstacle: () => 'this processor has no AVX' };
    const environment = { ...environmentOf(root, tiny()), ...lacks };
    await expect(installEngine({ environment })).rejects.toThrow(/this processor has no AVX/);
  });

  it('does not find what another machine has installed into the same cache', async () => {
    const pin = tiny();
    await install(pin, wheels());
    const lacks = { obstacle: () => 'this processor has no AVX' };
    expect(await findEngine({ environment: { ...environmentOf(root, pin), ...lacks } })).toBeNull();
    expect(await findEngine({ environment: environmentOf(root, pin) })).not.toBeNull();
  });

  it('does without CUDA where only the other build is', async () => {
    const environment = environmentOf(root, tiny());
    const thrown = installEngine({ variant: 'cuda', environment });
    await expect(thrown).rejects.toThrow('there is no TensorFlow for CUDA on linux x64');
  });
});

describe('without a way to fetch it', () => {
  it('offline', async () => {
    const pin = tiny();
    const { message } = await refused(pin, null, { LOCKSTEP_OFFLINE: '1' });
    expect(message).toMatch(/^LOCKSTEP_OFFLINE is set, and lockstep_tiny-1.0/);
    await expectNothingHalf(pin);
  });

  it('without Python', async () => {
    const pin = tiny();
    const { message, hint } = await refused(pin, null, { PATH: root });
    expect(message).toContain('python3 is not on PATH');
    expect(hint).toContain('--engine wasm');
    await expectNothingHalf(pin);
  });

  const python = spawnSync('python3', ['-m', 'venv', '--help']).status === 0;
  it.skipIf(!python)('with a Python that has no pip (needs python3 with venv)', async () => {
    const bare = join(root, 'bare');
    expect(spawnSync('python3', ['-m', 'venv', '--without-pip', bare]).status).toBe(0);
    const pin = tiny();
    const { message } = await refused(pin, null, { PATH: join(bare, 'bin') });
    expect(message).toMatch(/python3 has no pip \(.*No module named pip\)/);
    await expectNothingHalf(pin);
  });
});

const pip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
describe.skipIf(!pip)('by pip (needs python3 with pip)', () => {
  it('fetches, unpacks, and keeps no wheel', async () => {
    const { engine, stages } = await install(tiny(), null);
    expect(engine.bytes).toBe(4096);
    expect(stages).toEqual(['fetching', 'unpacking']);
    expect(readdirSync(cache('downloads'))).toEqual([]);
    expect(readdirSync(cache('staging'))).toEqual([]);
  });

  it('refuses other bytes, with both hashes', async () => {
    const pin = tiny({ says: { sha256: 'ab'.repeat(32) } });
    const { message } = await refused(pin, null);
    expect(message).toContain(`its sha256 is ${tiny().wheels[0]!.sha256}`);
    expect(message).toContain(`it should be ${'ab'.repeat(32)}`);
    await expectNothingHalf(pin);
  });

  it('passes on what pip says', async () => {
    const pin = tiny({ says: { version: '2.0' } });
    const { message } = await refused(pin, null);
    expect(message).toContain('No matching distribution found for lockstep-tiny==2.0');
    await expectNothingHalf(pin);
  });

  it('says that the index cannot be reached', async () => {
    const unreachable = {
      PIP_NO_INDEX: '',
      PIP_INDEX_URL: 'http://127.0.0.1:9/',
      PIP_RETRIES: '0',
    };
    const { message } = await refused(tiny(), null, { ...unreachable, PIP_FIND_LINKS: '' });
    expect(message).toMatch(/cannot reach the package index .*Connection refused/);
  });

  it('fetches again what lies damaged in the cache, and uses what does not', async () => {
    const pin = tiny();
    const { file, bytes } = pin.wheels[0]!;
    mkdirSync(cache('downloads'), { recursive: true });
    writeFileSync(cache('downloads', file), Buffer.alloc(bytes));
    expect((await install(pin, null)).stages).toEqual(['checking', 'fetching', 'unpacking']);
  });
});
