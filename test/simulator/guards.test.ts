import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guards } from './guards.js';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));
/** Within reach of `node_modules`, from where the copy takes what is not Lockstep's. */
const copy = fileURLToPath(new URL('../../node_modules/.cache/lockstep-guards', import.meta.url));
const copied = join(copy, 'node_modules/@lockstep');
/** Seeds from 1 on, of which one has to fail when a guard is missing. */
const seeds = 3_000;

beforeAll(async () => {
  await rm(copy, { recursive: true, force: true });
  for (const name of ['core', 'worker', 'coordinator', 'simulator', 'tensorflow', 'report']) {
    for (const part of ['package.json', 'dist', ...(name === 'simulator' ? ['bin'] : [])]) {
      await cp(join(packages, name, part), join(copied, name, part), { recursive: true });
    }
  }
});

afterAll(() => rm(copy, { recursive: true, force: true }));

/** @returns what the simulator says of some seeds; stops at one that fails */
async function simulate(first: number, count: number): Promise<{ code: number; said: string }> {
  const program = join(copied, 'simulator/bin/simulate.js');
  const range = ['--first-seed', String(first), '--seeds', String(count)];
  const args = [program, ...range, '--failures', '1'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { code: 0, said: stdout };
  } catch (thrown) {
    const { code, stdout } = thrown as { code: number; stdout: string };
    return { code, said: stdout };
  }
}

it.each(guards)('fails where it is missing: $name', async ({ file, source, without, seed }) => {
  const text = await readFile(join(packages, file), 'utf8');
  expect(text.split(source), `${file} has this once: ${source}`).toHaveLength(2);
  const { code: mutant } = await transform(text.replace(source, without), {
    loader: 'ts',
    format: 'esm',
  });
  const compiled = join(copied, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'));
  const whole = await readFile(compiled);
  await writeFile(compiled, mutant);
  try {
    const known = await simulate(seed, 1);
    const { code, said } = known.code === 0 ? await simulate(1, seeds) : known;
    expect(said).toMatch(/^seed \d+ breaks/m);
    expect(code).toBe(1);
  } finally {
    await writeFile(compiled, whole);
  }
});
