import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';

const recordLosses = fileURLToPath(new URL('../support/recordLosses.ts', import.meta.url));
const worlds = [0, 1, 2, 3];

interface Trained {
  code: number | null;
  losses: number[];
  test: number;
  worldSize: number;
}

/** The main job for one epoch: all 60,000 images, on any number of workers. */
describe('one epoch of cnn on MNIST with 0 (single process), 1, 2 and 3 workers', () => {
  const trained = new Map<number, Trained>();

  beforeAll(async () => {
    for (const workers of worlds) {
      const folder = temporaryFolder();
      const run = join(folder, 'run');
      const losses = join(folder, 'losses');
      const { code } = await lockstep(
        [
          ...['train', '--workers', `${workers}`, '--epochs', '1', '--seed', '3'],
          ...['--run-dir', run, '--validation-data', 'none', '--callbacks', recordLosses],
        ],
        { env: { LOSSES: losses } },
      );
      const record = readRun(run);
      trained.set(workers, {
        code,
        losses: readFileSync(losses, 'utf8').trim().split('\n').map(Number),
        test: record.test?.accuracy ?? Number.NaN,
        worldSize: record.worldSize,
      });
    }
  }, 600_000);

  it.each(worlds)('%i workers: trains to the end in 1,875 steps', (workers) => {
    const run = trained.get(workers)!;
    expect(run.code).toBe(0);
    expect(run.losses).toHaveLength(1875);
    expect(run.worldSize).toBe(Math.max(1, workers));
  });

  it.each(worlds)(
    '%i workers: the first 20 losses within 1e-4 of the single process',
    (workers) => {
      const alone = trained.get(0)!.losses.slice(0, 20);
      trained
        .get(workers)!
        .losses.slice(0, 20)
        .forEach((loss, step) => {
          expect(Math.abs(loss - alone[step]!) / alone[step]!).toBeLessThan(1e-4);
        });
    },
  );

  it('the same test accuracy within 0.2 points', () => {
    const accuracies = worlds.map((workers) => trained.get(workers)!.test);
    expect(Math.min(...accuracies)).toBeGreaterThan(0.95);
    expect(Math.max(...accuracies) - Math.min(...accuracies)).toBeLessThanOrEqual(0.002);
  });
});
