import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { hostIdentity } from './hostIdentity.js';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-host-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is the same each time it is asked for, and does not show what it is made of', () => {
  expect(hostIdentity()).toMatch(/^[0-9a-f]{64}$/);
  expect(hostIdentity()).toBe(hostIdentity());
});

it('is another one where memory is shared in another place', () => {
  const here = hostIdentity([tmpdir()]);
  expect(hostIdentity([folder])).not.toBe(here);
  expect(hostIdentity([join(folder, 'missing'), tmpdir()])).toBe(here);
});

it('does without a place', () => {
  expect(hostIdentity([])).toMatch(/^[0-9a-f]{64}$/);
});
