import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { nameOf, pins } from '../../packages/tensorflow/src/install/pins.js';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

/** With a cache of its own, so that what this machine has installed does not matter. */
const engine = (words: string[], env: Record<string, string> = {}) =>
  lockstep(['engine', ...words], { env: { LOCKSTEP_CACHE: temporaryFolder(), ...env } });

it('lists nothing in an empty cache, and has nothing to remove', async () => {
  expect((await engine(['list'])).stdout).toContain('lockstep engine install');
  expect(await engine(['list', '--json'])).toEqual({ code: 0, stdout: '', stderr: '' });
  const removed = { code: 0, stdout: '{"removed":[]}\n', stderr: '' };
  expect(await engine(['remove', '--all', '--json'])).toEqual(removed);
});

const native = ['linux x64', 'linux arm64', 'darwin arm64'].includes(
  `${process.platform} ${process.arch}`,
);

it.skipIf(!native).each([
  ['offline', [], { LOCKSTEP_OFFLINE: '1' }, 'LOCKSTEP_OFFLINE is set'],
  ['without Python', [], { PATH: '/nowhere' }, 'python3 is not on PATH'],
  ['from a file that is not there', ['--from', '/no.whl'], {}, '/no.whl is not there'],
])(
  'cannot be installed %s: exit code 11, and what to do (needs a platform that has a wheel)',
  async (_how, words, env, said) => {
    const { code, stderr } = await engine(['install', ...words], env);
    expect(stderr).toMatch(/^error ENGINE_INSTALL: .*\nhint: .+\n$/);
    expect(stderr).toContain(said);
    expect(code).toBe(11);
  },
);

it.skipIf(!native)(
  'refuses a wheel with other bytes, with both hashes (needs a platform that has a wheel)',
  async () => {
    const wheel = join(temporaryFolder(), 'tensorflow.whl');
    writeFileSync(wheel, 'hello, world');
    const { code, stderr } = await engine(['install', '--from', wheel, '--json']);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe('ENGINE_INSTALL');
    expect(error.message.match(/[0-9a-f]{64}/g)).toHaveLength(2);
    expect(code).toBe(11);
  },
);

it.each([
  ['two builds at once', ['install', '--cpu', '--cuda'], '--cpu and --cuda'],
  ['nothing to remove', ['remove'], 'a name or --all'],
  ['an unknown name', ['instal'], 'install'],
])('%s: exit code 2', async (_what, words, said) => {
  const { code, stderr } = await engine(words);
  expect(stderr).toContain(said);
  expect(code).toBe(2);
});

/** A cache with a library that is whole by its manifest, for this machine by its header, and cut off there. */
function cacheWithBrokenLibrary(): string {
  const cache = temporaryFolder();
  const { platform, arch } = process;
  const pin = pins.find((each) => each.platform === platform && each.architecture === arch)!;
  const directory = join(cache, 'engines', nameOf(pin));
  const header = readFileSync(process.execPath).subarray(0, 64);
  mkdirSync(join(directory, dirname(pin.library)), { recursive: true });
  writeFileSync(join(directory, pin.library), header);
  const { variant, version, library } = pin;
  const files = [{ path: library, bytes: header.length }];
  const wheels = pin.wheels.map(({ sha256 }) => sha256);
  const manifest = { format: 1, name: nameOf(pin), variant, version, library, wheels, files };
  writeFileSync(join(directory, 'engine.json'), JSON.stringify(manifest));
  return cache;
}

it.skipIf(!native)(
  'trains on wasm where the library does not load, and says why in one line (needs a platform that has a wheel)',
  async () => {
    const data = await writeSubset(join(temporaryFolder(), 'data'), 100, 50);
    const run = join(temporaryFolder(), 'run');
    const flags = ['--model', 'tiny', '--epochs', '1', '--data-dir', data, '--run-dir', run];
    const env = { LOCKSTEP_CACHE: cacheWithBrokenLibrary(), VK_DRIVER_FILES: '/nowhere' };
    const { code, stdout } = await lockstep(['train', ...flags], { env });
    const warnings = stdout.split('\n').filter((line) => line.startsWith('warning: '));
    expect(warnings).toEqual([
      expect.stringMatching(
        /going on without the native engine: libtensorflow cannot be loaded: ./,
      ),
    ]);
    expect(readRun(run).engine).toBe('wasm');
    expect(code).toBe(0);
  },
);
