import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { birthOf, placeOfNumbers } from './processIdentity.js';

it.skipIf(!existsSync('/proc/self/stat'))(
  'tells processes apart by when they began (needs /proc)',
  async () => {
    expect(birthOf(process.pid)).toMatch(/^[1-9]\d*$/);
    const later = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    expect(Number(birthOf(later.pid!))).toBeGreaterThan(Number(birthOf(process.pid)));
    later.kill();
    await once(later, 'exit');
    expect(birthOf(later.pid!)).toBe('');
  },
);

it('is one place for one process', () => {
  expect(placeOfNumbers()).toBe(placeOfNumbers());
});
