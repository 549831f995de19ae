import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { lockstep, readRun, temporaryFolder } from '../support/lockstep.js';
import { softwareGpu } from '../support/softwareGpu.js';

const env = softwareGpu();
const checks: { name: string; detail: string }[] = JSON.parse(
  (await lockstep(['doctor', '--json'], { env })).stdout,
).checks;
const { detail } = checks.find(({ name }) => name === 'engine webgpu')!;

/** Trains on one engine, in processes of their own, and gives the losses of the test images. */
async function train(engine: string): Promise<number> {
  const data = await writeSubset(join(temporaryFolder(), 'data'), 128, 32);
  const run = join(temporaryFolder(), 'run');
  const ended = await lockstep(
    [
      ...['train', '--engine', engine, '--model', 'tiny', '--workers', '2', '--epochs', '1'],
      ...['--batch-size', '32', '--data-dir', data, '--target-accuracy', 'none', '--run-dir', run],
    ],
    { env },
  );
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  return readRun(run).test!.loss;
}

it.skipIf(!detail.startsWith('works'))(`two processes train on webgpu (${detail})`, async () => {
  expect(await train('webgpu')).toBeCloseTo(await train('cpu'), 4);
});
