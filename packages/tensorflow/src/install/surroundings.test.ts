import { describe, expect, it } from 'vitest';
import { nameOf, pins } from './pins.js';
import { cacheOf, isOffline, surroundingsOf } from './surroundings.js';

const rootOf = (platform: string, variables: Record<string, string>) =>
  cacheOf(surroundingsOf({ home: '/home/me', platform, variables })).root;

describe('the cache', () => {
  it.each([
    ['linux', {}, '/home/me/.cache/lockstep'],
    ['darwin', {}, '/home/me/Library/Caches/lockstep'],
    ['linux', { XDG_CACHE_HOME: '/disk' }, '/disk/lockstep'],
    ['linux', { XDG_CACHE_HOME: '' }, '/home/me/.cache/lockstep'],
    ['darwin', { XDG_CACHE_HOME: '/disk', LOCKSTEP_CACHE: '/mine' }, '/mine'],
  ])('on %s with %j', (platform, variables, root) => {
    expect(rootOf(platform, variables)).toBe(root);
  });
});

it.each([
  [undefined, false],
  ['', false],
  ['0', false],
  ['false', false],
  ['1', true],
])('LOCKSTEP_OFFLINE=%s', (value, offline) => {
  expect(isOffline(surroundingsOf({ variables: { LOCKSTEP_OFFLINE: value } }))).toBe(offline);
});

describe('the pins', () => {
  it('have a name each, and wheels with whole hashes whose files say what they are', () => {
    expect(new Set(pins.map(nameOf)).size).toBe(pins.length);
    for (const { wheels } of pins) {
      for (const { project, version, file, sha256, bytes, unpackedBytes } of wheels) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(file.startsWith(`${project.replaceAll('-', '_')}-${version}-`)).toBe(true);
        expect(Math.min(bytes, unpackedBytes)).toBeGreaterThan(0);
      }
    }
  });
});
