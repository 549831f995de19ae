import { expect, it } from 'vitest';
import { engineInstallOptionsOf, engineRemoveOptionsOf } from './engine.js';

const given = { cpu: false, cuda: false, from: null, json: false };

it.each([
  [{}, 'cpu'],
  [{ cpu: true }, 'cpu'],
  [{ cuda: true }, 'cuda'],
] as const)('%j installs the build for %s', (flags, variant) => {
  const options = engineInstallOptionsOf({ ...given, ...flags });
  expect(options).toEqual({ variant, from: null, json: false });
});

it('refuses two builds at once', () => {
  expect(() => engineInstallOptionsOf({ ...given, cpu: true, cuda: true })).toThrow(
    '--cpu and --cuda are two builds',
  );
});

it('removes one by name, or all', () => {
  const one = engineRemoveOptionsOf('a', { all: false, json: true });
  expect(one).toEqual({ name: 'a', json: true });
  const all = engineRemoveOptionsOf(undefined, { all: true, json: false });
  expect(all).toEqual({ name: null, json: false });
});

it.each([
  [undefined, false],
  ['a', true],
])('refuses to remove %j with --all %j', (name, all) => {
  expect(() => engineRemoveOptionsOf(name, { all, json: false })).toThrow(
    'engine remove takes a name or --all',
  );
});
