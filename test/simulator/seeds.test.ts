import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../packages/simulator/bin/simulate.js', import.meta.url));
const run = (...args: string[]) => promisify(execFile)(process.execPath, [program, ...args]);

it('shows a seed as a transcript, the same each time', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => run('--seed', '3', '--trace')));
  expect(first!.stdout).toMatch(/worker 0 +starts[\s\S]*Seed 3: all as it must be/);
  expect(second!.stdout).toBe(first!.stdout);
});

it('says what it does not understand', async () => {
  await expect(run('--seeds', 'many')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--seeds takes a whole number above 0, not 'many'"),
  });
});
