import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import {
  isAlive,
  lockstep,
  type Running,
  readRun,
  start,
  temporaryFolder,
} from '../support/lockstep.js';
import { noteRecovery } from '../support/recovery.js';

const samples = 4_200;
const epochs = 2;
const batchSize = 30;
const steps = (epochs * samples) / batchSize;

let data: string;
/** The loss on the test split of a run in which nothing happens. */
let undisturbed: number;

const flags = (): string[] => [
  ...['--model', 'mlp', '--data-dir', data, '--batch-size', `${batchSize}`],
  ...['--epochs', `${epochs}`, '--target-accuracy', 'none', '--json'],
];

beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), samples, 500);
  const run = join(temporaryFolder(), 'run');
  await lockstep(['train', '--workers', '2', '--run-dir', run, ...flags()]);
  undisturbed = readRun(run).test!.loss;
});

/** Every step was applied once, whoever did it: the weights are those of a run without a fault, but for rounding. */
function expectWholeRun(run: string): void {
  const record = readRun(run);
  expect(record).toMatchObject({ stoppedBy: 'epochs', exitCode: 0, epochs, steps });
  expect(Math.abs(record.test!.loss - undisturbed) / undisturbed).toBeLessThan(0.01);
}

const pidOfRank = (run: string, rank: number): number =>
  readRun(run).processes.find((process) => process.rank === rank)!.pid;

/** Local workers, training: resolves when some steps are done. */
async function training(...more: string[]): Promise<{ run: string; running: Running }> {
  const run = join(temporaryFolder(), 'run');
  const running = start(['train', '--run-dir', run, ...flags(), ...more]);
  await running.until(/"step":4\d,/);
  return { run, running };
}

/** Notes how long it takes until a step is trained after the news that tell how the run goes on. */
async function goesOn(
  fault: string,
  running: Running,
  news: 'regrouped' | 'reloaded' = 'regrouped',
): Promise<void> {
  const begun = performance.now();
  await running.until(new RegExp(`"news":"${news}".*"news":"step"`, 's'));
  noteRecovery(fault, (performance.now() - begun) / 1000);
}

/** A coordinator and workers that were started apart. */
async function apart(count: number, ...more: string[]) {
  const run = join(temporaryFolder(), 'run');
  const coordinator = start(['coordinator', '--run-dir', run, ...flags(), ...more]);
  const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
  const connect = () => start(['worker', '--connect', address!]);
  const workers = Array.from({ length: count }, connect);
  await coordinator.until(/"step":2\d,/);
  return { run, coordinator, workers, connect };
}

describe('a lost worker, where fewer are enough', () => {
  it.each([
    ['SIGKILL', 0, 'shared-memory'],
    ['SIGKILL', 1, 'star'],
    ['SIGSTOP', 0, 'ring'],
  ] as const)('%s of rank %d, averaging with %s: the others go on', async (signal, rank, how) => {
    const { run, running } = await training(
      ...['--workers', '2:3', '--all-reduce', how],
      ...['--heartbeat-timeout', '2', '--step-timeout', '3'],
    );
    const pid = pidOfRank(run, rank);
    process.kill(pid, signal);
    await goesOn(`local worker, ${signal}: the others go on`, running);
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`Lost rank ${rank} `);
    expectWholeRun(run);
    const { worldSize, regroupings } = readRun(run);
    expect(worldSize).toBe(2);
    expect(regroupings).toHaveLength(1);
    expect(regroupings[0]!.workers.map((worker) => worker.pid)).not.toContain(pid);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    '%s: it is started again where that is allowed, and gets a rank',
    async (signal) => {
      const { run, running } = await training(
        ...['--workers', '2', '--max-restarts', '1', '--heartbeat-timeout', '2'],
      );
      const pid = pidOfRank(run, 0);
      process.kill(pid, signal);
      await goesOn(`local worker, ${signal}: it is started again`, running);
      const { code, stdout } = await running.ended;
      expect(code).toBe(0);
      expect(stdout).toContain('restart 1 of 1');
      expect(isAlive(pid)).toBe(false);
      expectWholeRun(run);
      expect(readRun(run).regroupings).toMatchObject([{ generation: 2, workers: [{}, {}] }]);
    },
  );
});

describe('nobody is left who has the state', () => {
  it('all workers are killed at once: the run goes back to its newest checkpoint', async () => {
    const { run, running } = await training(
      ...['--workers', '2', '--max-restarts', '2', '--checkpoint-steps', '25'],
    );
    for (const rank of [0, 1]) process.kill(pidOfRank(run, rank), 'SIGKILL');
    await goesOn('all local workers, SIGKILL', running, 'reloaded');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/"news":"reloaded","cursor":\{"epoch":0,"step":\d+/);
    expectWholeRun(run);
  });

  it('a rank is killed with its part of the optimizer', async () => {
    const { run, running } = await training(
      ...['--workers', '1:2', '--shard-optimizer', '--checkpoint-steps', '25'],
    );
    process.kill(pidOfRank(run, 1), 'SIGKILL');
    await goesOn('a rank with its part of the optimizer, SIGKILL', running, 'reloaded');
    const { code } = await running.ended;
    expect(code).toBe(0);
    expectWholeRun(run);
  });
});

describe('a gradient that is no number', () => {
  const diverging = (policy: string) => [
    ...['train', '--workers', '2', ...flags(), '--epochs', '1'],
    ...['--optimizer', 'sgd', '--learning-rate', '1e30', '--on-nan', policy],
  ];

  it.each([
    ['stop', /Step 1: Invalid loss.* rank 0 \(host .*\), rank 1 \(/],
    ['skip', /Step 11: NaN or infinity again on rank 0 \(host .* after 10 skipped steps/],
    ['rollback', /gone back to step 0 3 times/],
  ])('--on-nan %s', async (policy, message) => {
    const run = join(temporaryFolder(), 'run');
    const { code } = await lockstep([...diverging(policy), '--run-dir', run]);
    expect(code).toBe(12);
    const { error, skippedSteps, weightsSha256, checkpoint } = readRun(run);
    expect(error?.code).toBe('DIVERGED');
    expect(error?.message).toMatch(message);
    expect(skippedSteps).toBe(policy === 'skip' ? 10 : 0);
    expect(weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(checkpoint).toContain('step-00000000');
  });
});

it('weights that are no number are not saved, even where the loss does not show it yet', async () => {
  const run = join(temporaryFolder(), 'run');
  const { code } = await lockstep([
    ...['train', '--workers', '2', '--run-dir', run, ...flags(), '--steps', '1'],
    ...['--optimizer', 'sgd', '--learning-rate', '1e39'],
  ]);
  expect(code).toBe(12);
  expect(readRun(run)).toMatchObject({
    error: { code: 'DIVERGED', message: expect.stringContaining('are not saved') },
    checkpoint: expect.stringContaining('step-00000000'),
  });
});

describe('workers that come and go', () => {
  it('one comes while another one trains, and one is stopped by its user', async () => {
    const { run, coordinator, workers, connect } = await apart(
      1,
      ...['--workers', '1:2', '--join-timeout', '4', '--epochs', '1000'],
    );
    const late = connect();
    await coordinator.until(/"news":"regrouped","generation":2/);
    workers[0]!.process.kill('SIGTERM');
    expect((await workers[0]!.ended).code).toBe(143);
    await coordinator.until(/"news":"regrouped","generation":3/);
    coordinator.process.kill('SIGINT');
    expect((await coordinator.ended).code).toBe(130);
    expect((await late.ended).code).toBe(0);
    const { regroupings, steps: applied, checkpoint } = readRun(run);
    expect(checkpoint).toMatch(new RegExp(`step-0*${applied}\\.ckpt$`));
    expect(regroupings.map((each) => each.workers.length)).toEqual([2, 1]);
    expect(regroupings[1]!.why).toMatch(/left$/);
  });

  it('one too many waits, and takes the place of one that is killed', async () => {
    const { run, coordinator, workers, connect } = await apart(
      2,
      ...['--workers', '1:2', '--epochs', '1000'],
    );
    const spare = connect();
    await spare.until(/the cluster has all of its workers; waiting up to 60 s for a place/);
    workers[0]!.process.kill('SIGKILL');
    await spare.until(/rank 1 of 2/);
    coordinator.process.kill('SIGINT');
    expect((await coordinator.ended).code).toBe(130);
    expect((await spare.ended).code).toBe(0);
    expect(readRun(run).regroupings.at(-1)!.workers).toHaveLength(2);
  });

  it('too few are left: the run is saved, and ends with a code of its own', async () => {
    const { run, coordinator, workers } = await apart(
      3,
      ...['--workers', '2:3', '--rejoin-timeout', '1', '--heartbeat-timeout', '2'],
    );
    for (const worker of workers.slice(0, 2)) worker.process.kill('SIGKILL');
    const { code, stdout } = await coordinator.ended;
    expect(code).toBe(17);
    expect(stdout).toContain('TOO_FEW_WORKERS');
    expect((await workers[2]!.ended).code).toBe(17);
    const record = readRun(run);
    expect(record.error?.message).toMatch(/1 of at least 2 workers are left/);
    expect(record.checkpoint).toMatch(new RegExp(`step-0*${record.steps}\\.ckpt$`));
    const resumed = await lockstep(['train', '--resume', run, '--workers', '1']);
    expect(resumed.code).toBe(0);
    expectWholeRun(run);
  });
});
