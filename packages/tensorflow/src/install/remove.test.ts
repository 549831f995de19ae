import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listEngines } from './find.js';
import { installEngine } from './install.js';
import { removeAllEngines, removeEngine } from './remove.js';
import type { Environment } from './surroundings.js';
import { environmentOf, writeTinyWheel } from './wheel.suite.js';

const name = 'tensorflow-1.0-cpu-linux-x64';
let root: string;
let environment: Environment;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'remove-'));
  const wheels = join(root, 'wheels');
  environment = environmentOf(root, writeTinyWheel(wheels));
  await installEngine({ from: wheels, environment });
});
afterEach(() => rmSync(root, { recursive: true }));

const cache = (...parts: string[]): string => join(root, 'cache', ...parts);
const names = async () => (await listEngines({ environment })).map((engine) => engine.name);

describe('engines that are there', () => {
  it('are listed, when they are whole', async () => {
    mkdirSync(cache('engines', 'half'));
    expect(await names()).toEqual([name]);
  });

  it('go by name, whole or not', async () => {
    mkdirSync(cache('engines', 'half'));
    await removeEngine('half', { environment });
    await removeEngine(name, { environment });
    expect(readdirSync(cache('engines'))).toEqual([]);
    expect(readdirSync(cache('staging'))).toEqual([]);
    expect(await names()).toEqual([]);
  });

  it.each(['tensorflow-9', '../engines', '..', ''])('%j is none of them', async (other) => {
    await expect(removeEngine(other, { environment })).rejects.toMatchObject({
      code: 'ENGINE_INSTALL',
      message: `no engine '${other}' is installed`,
      hint: expect.stringContaining(name),
    });
    expect(await names()).toEqual([name]);
  });

  it('go all, with what was fetched for them', async () => {
    mkdirSync(cache('downloads'), { recursive: true });
    writeFileSync(cache('downloads', 'a.whl'), 'fetched');
    expect(await removeAllEngines({ environment })).toEqual([name]);
    expect(existsSync(cache('downloads'))).toBe(false);
    expect(await removeAllEngines({ environment })).toEqual([]);
  });
});
