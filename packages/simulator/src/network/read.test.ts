import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { networkNames, readNetwork } from './read.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-network-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(folder, 'own.json');
  writeFileSync(file, text);
  return file;
}

const usage = (message: RegExp) =>
  expect.objectContaining({
    code: 'USAGE',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/\w/),
  });

describe('readNetwork', () => {
  it('knows networks by name, each whole', () => {
    expect(networkNames()).toEqual(['10gbit', '1gbit', '25gbit', 'loopback']);
    for (const name of networkNames()) expect(readNetwork(name).name).toBe(name);
  });

  it('takes a file of one s own', () => {
    const own = { ...readNetwork('25gbit'), name: 'mine' };
    expect(readNetwork(fileWith(JSON.stringify(own)))).toEqual(own);
  });

  it('says which names there are', () => {
    expect(() => readNetwork('26gbit')).toThrow(usage(/no network '26gbit'/));
  });

  it('says what is wrong, and where', () => {
    expect(() => readNetwork(fileWith('{"name"'))).toThrow(usage(/own\.json is not JSON/));
    expect(() => readNetwork(fileWith('[]'))).toThrow(usage(/own\.json: the whole is wrong/));
    const own = readNetwork('25gbit');
    const slow = { ...own, link: { ...own.link, gigabitsPerSecond: 0 } };
    const text = JSON.stringify(slow);
    expect(() => readNetwork(fileWith(text))).toThrow(usage(/'link\.gigabitsPerSecond' is wrong/));
    const typo = { ...own, jitters: 3 };
    expect(() => readNetwork(fileWith(JSON.stringify(typo)))).toThrow(usage(/jitters/));
  });
});
