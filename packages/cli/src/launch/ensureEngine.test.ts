import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, findEngine } from '@lockstep/tensorflow/install';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf, writeTinyWheel } from '../../../tensorflow/src/install/wheel.suite.js';
import { ensureEngine } from './ensureEngine.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ensure-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const here = (variables: Record<string, string> = {}): Environment =>
  environmentOf(root, writeTinyWheel(join(root, 'wheels')), variables);

async function ensure(engine: string, environment: Environment): Promise<string> {
  let said = '';
  await ensureEngine(engine, { stream: { write: (text) => (said += text) }, environment });
  return said;
}

it.each(['wasm', 'cpu', 'webgpu'])('has nothing to do for %s', async (engine) => {
  expect(await ensure(engine, here())).toBe('');
  expect(await findEngine({ environment: here() })).toBeNull();
});

describe('where it cannot be installed', () => {
  const offline = (): Environment => here({ LOCKSTEP_OFFLINE: '1' });

  it.each([
    ['offline', offline, 'LOCKSTEP_OFFLINE is set'],
    ['without Python', () => here({ PATH: root }), 'python3 is not on PATH'],
    [
      'on another platform',
      () => ({ ...here(), platform: 'win32' }),
      'there is no TensorFlow for win32 x64',
    ],
  ])('auto goes on, and says why in one line: %s', async (_where, environment, reason) => {
    const said = await ensure('auto', environment());
    expect(said).toMatch(/^warning: going on without the native engine .*wasm.*\n$/);
    expect(said).toContain(reason);
  });

  it('tensorflow is an error', async () => {
    await expect(ensure('tensorflow', offline())).rejects.toMatchObject({ code: 'ENGINE_INSTALL' });
  });
});

const pip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;
it.skipIf(!pip)('installs it once, and says what and how big (needs pip)', async () => {
  const said = await ensure('auto', here());
  expect(said).toMatch(
    /^Installing the native engine, once: TensorFlow 1\.0 \(1 kB, 5 kB unpacked\) in .*\n/,
  );
  expect(said).toContain('\nUnpacking 5 kB\n');
  expect(await findEngine({ environment: here() })).not.toBeNull();
  expect(await ensure('tensorflow', here())).toBe('');
});
