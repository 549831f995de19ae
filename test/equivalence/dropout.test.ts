import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, temporaryFolder } from '../support/lockstep.js';

const recordLosses = fileURLToPath(new URL('../support/recordLosses.ts', import.meta.url));

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 24, 8);
});

const flags = (run: string): string[] => [
  ...[
    'train',
    '--model',
    'deep',
    '--engine',
    'wasm',
    '--data-dir',
    data,
    '--batch-size',
    '8',
    '--epochs',
    '2',
  ],
  ...[
    '--learning-rate',
    '0.0001',
    '--target-accuracy',
    'none',
    '--validation-data',
    'none',
    '--run-dir',
    run,
  ],
];

async function lossesOf(workers: number): Promise<number[]> {
  const folder = temporaryFolder();
  const losses = join(folder, 'losses');
  const { code, stderr } = await lockstep(
    [...flags(join(folder, 'run')), '--workers', `${workers}`, '--callbacks', recordLosses],
    { env: { LOSSES: losses } },
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return readFileSync(losses, 'utf8').trim().split('\n').map(Number);
}

/** Masks depend on seed, step and position: the rank that trains a sample does not matter. */
it('deep, with its dropout, has the same losses in a single process and with 3 workers', async () => {
  const alone = await lossesOf(0);
  expect(alone).toHaveLength(2 * 3);
  for (const [step, loss] of (await lossesOf(3)).entries()) {
    expect(Math.abs(loss - alone[step]!) / alone[step]!, `step ${step}`).toBeLessThan(1e-4);
  }
});
