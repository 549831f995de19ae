import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { writeSubset } from '../support/dataset.js';
import { freePort } from '../support/freePort.js';
import { eventually, readRun, start, temporaryFolder } from '../support/lockstep.js';
import { Flood, peerStrangers, zeromqStrangers } from '../support/strangers.js';

let data: string;
beforeAll(async () => {
  data = await writeSubset(join(temporaryFolder(), 'data'), 6_000, 200);
});

const crowd = 500;
/** What a process may grow by while strangers shout at it, in MB: far less than what they say. */
const roomMb = 150;

function memoryMb(pid: number): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`], { encoding: 'utf8' });
  return Number(kilobytes) / 1024;
}

const flags = (): string[] => [
  ...['--model', 'tiny', '--data-dir', data, '--batch-size', '30', '--engine', 'wasm'],
  ...['--target-accuracy', 'none', '--validation-data', 'none', '--json'],
];

it('a coordinator among 500 strangers: the one worker that is meant joins, and trains to the end', async () => {
  const run = join(temporaryFolder(), 'run');
  const coordinator = start([
    ...['coordinator', '--workers', '1', '--run-dir', run, '--epochs', '2', ...flags()],
  ]);
  const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
  const { pid } = coordinator.process;
  const flood = new Flood(address!, Object.values(zeromqStrangers), crowd);
  onTestFinished(() => flood.stop());
  await eventually(() => flood.made >= crowd && flood.size > crowd / 2);
  const before = memoryMb(pid!);
  const worker = start(['worker', '--connect', address!, '--engine', 'wasm']);
  await coordinator.until(/"step":300,/);
  expect(memoryMb(pid!) - before).toBeLessThan(roomMb);
  const { code, stdout, stderr } = await coordinator.ended;
  expect(code, stdout.slice(-3_000) + stderr).toBe(0);
  expect((await worker.ended).code).toBe(0);
  expect(readRun(run)).toMatchObject({ stoppedBy: 'epochs', steps: 400, worldSize: 1 });
  // A few are told of, and how many more there were.
  expect(stdout.match(/"news":"refused"/g)!.length).toBeLessThan(40);
});

it('two ranks among 500 strangers: they find each other, and train to the end', async () => {
  const run = join(temporaryFolder(), 'run');
  const coordinator = start([
    ...['coordinator', '--workers', '2', '--run-dir', run, '--epochs', '1', ...flags()],
    ...['--all-reduce', 'ring'],
  ]);
  const [, address] = await coordinator.until(/(tcp:\/\/127\.0\.0\.1:\d+)/);
  const doors = await Promise.all([0, 1].map(async () => `127.0.0.1:${await freePort()}`));
  const floods = doors.map(
    (door) => new Flood(`tcp://${door}`, Object.values(peerStrangers), crowd / doors.length),
  );
  onTestFinished(() => {
    for (const flood of floods) flood.stop();
  });
  const workers = doors.map((door) =>
    start(['worker', '--connect', address!, '--engine', 'wasm', '--peer-address', door]),
  );
  expect((await coordinator.ended).code).toBe(0);
  for (const worker of workers) expect((await worker.ended).code).toBe(0);
  for (const { made } of floods) expect(made).toBeGreaterThan(crowd / 2);
  expect(readRun(run)).toMatchObject({
    stoppedBy: 'epochs',
    steps: 200,
    worldSize: 2,
    regroupings: [],
    allReduce: { collective: 'ring' },
  });
});
