import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { hasCpuLibrary } from '../support/library.js';
import { lockstep, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { once } from '../support/once.js';

const three = ['--workers', '3'];

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 700, 100);
});

/** Batches of 31 on three ranks: parts of different sizes, and a short last batch. */
const flags = (run: string, ...more: string[]): string[] => [
  ...['train', '--model', 'cnn', '--data-dir', data, '--batch-size', '31', '--epochs', '2'],
  ...['--engine', 'tensorflow', '--threads', '1', '--target-accuracy', 'none', '--json'],
  ...['--run-dir', run, ...more],
];

/** How rank 0 averages, as it says itself. */
const saidBy = (run: string): string =>
  /averaging with (.*)/.exec(readFileSync(join(run, 'logs/worker-0.log'), 'utf8'))![1]!;

async function train(...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const { code } = await lockstep(flags(run, ...three, ...more));
  expect(code).toBe(0);
  const { test, weightsSha256 } = readRun(run);
  return { averaging: saidBy(run), loss: test!.loss, weights: weightsSha256 };
}

const trained = once(train);
const inMemory = ['--all-reduce', 'shared-memory'];

/** To float32 rounding, which grows with each step. */
const expectAlike = (loss: number, expected: number): void =>
  expect(Math.abs(loss - expected) / expected).toBeLessThan(1e-3);

const title = hasCpuLibrary ? '' : ' (needs libtensorflow for CPUs: lockstep engine install)';

describe.skipIf(!hasCpuLibrary)(`large gradients as factors${title}`, () => {
  it.each([[[]], [['--shard-optimizer']]])(
    'are exchanged in shared memory, with %j, and train what ranks train at the hub',
    async (more) => {
      const { averaging, loss } = await trained(...inMemory, ...more);
      expect(averaging).toBe("'shared-memory', 1 large gradient as factors");
      const star = await trained('--all-reduce', 'star');
      expect(star.averaging).toBe("'star'");
      expectAlike(loss, star.loss);
    },
  );

  it('give the same bits twice', async () => {
    expect((await train(...inMemory)).weights).toBe((await trained(...inMemory)).weights);
  });

  it('go on with those who are left when a rank is killed', async () => {
    const run = join(temporaryFolder(), 'run');
    const running = start(flags(run, '--workers', '2:3', ...inMemory));
    await running.until(/"step":1\d,/);
    const lost = readRun(run).processes.find(({ rank }) => rank === 1)!;
    process.kill(lost.pid, 'SIGKILL');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('Lost rank 1 ');
    const record = readRun(run);
    expect(record).toMatchObject({ worldSize: 2, epochs: 2, steps: 46 });
    expectAlike(record.test!.loss, (await trained(...inMemory)).loss);
  });
});
