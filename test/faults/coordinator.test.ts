import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { freePort } from '../support/freePort.js';
import { readRun, start, temporaryFolder } from '../support/lockstep.js';
import { noteRecovery } from '../support/recovery.js';

it.each([
  ['from the newest checkpoint, where it is the newest', ['--checkpoint-steps', '20'], 40],
  ['from what its workers still hold', [], 50],
])(
  'a killed coordinator, started again by the same command line, goes on %s',
  async (from, more, least) => {
    const data = await writeSubset(join(temporaryFolder(), 'data'), 6_000, 200);
    const run = join(temporaryFolder(), 'run');
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const coordinate = () =>
      start([
        ...['coordinator', '--workers', '2', '--listen', address, '--run-dir', run],
        ...['--resume', 'auto', '--model', 'mlp', '--data-dir', data, '--batch-size', '30'],
        ...['--epochs', '2', '--target-accuracy', 'none', '--json', ...more],
      ]);
    const first = coordinate();
    const workers = [1, 2].map(() =>
      start(['worker', '--connect', address, '--silence-timeout', '2']),
    );
    await first.until(/"step":5\d,/);
    const begun = performance.now();
    first.process.kill('SIGKILL');
    await first.ended;
    const second = coordinate();
    const [, step] = await second.until(/"news":"started".*"cursor":\{"epoch":0,"step":(\d+)/);
    expect(Number(step)).toBeGreaterThanOrEqual(least);
    await second.until(/"news":"step"/);
    noteRecovery(`coordinator killed, on ${from}`, (performance.now() - begun) / 1000);
    expect((await second.ended).code).toBe(0);
    for (const worker of workers) expect((await worker.ended).code).toBe(0);
    expect(readRun(run)).toMatchObject({ stoppedBy: 'epochs', steps: 400, worldSize: 2 });
  },
);
