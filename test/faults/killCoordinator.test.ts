import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/freePort.js';
import { eventually, isAlive, type Running, start, temporaryFolder } from '../support/lockstep.js';
import { arriving, passed } from '../support/proxy/faults.js';
import { FaultProxy, type When } from '../support/proxy/proxy.js';
import { allFaults, noteRecovery } from '../support/recovery.js';
import { expectWhole, type SmallRun, segmentsOf, smallRun } from '../support/smallRun.js';
import { type Point, points, saving, whenOf } from './points.js';

/** Those that CI has time for: each is of another phase. */
const representative: Readonly<Record<string, 'before' | 'after'>> = {
  ready: 'after',
  linked: 'before',
  'load-state': 'after',
  'middle contribution': 'after',
  evaluated: 'before',
};
const cases = (['before', 'after'] as const).flatMap((passes) =>
  points.flatMap((point) =>
    allFaults || representative[point.name] === passes ? [{ passes, ...point }] : [],
  ),
);
const saves = allFaults ? (['before', 'after'] as const) : (['before'] as const);

/** What workers wait for a word, at the least: the coordinator says one every second. */
const silenceSeconds = 2;

describe('kill -9 of the coordinator, started again and again by one command line', () => {
  const run = join(temporaryFolder(), 'run');
  const channels = new Set<string>();
  let small: SmallRun;
  let proxy: FaultProxy;
  let coordinator: Running;
  let workers: Running[];
  let killedAt: { readonly name: string; readonly time: number } | null = null;
  let coordinate: () => Running;

  const joinIn = (): Running =>
    start([
      ...['worker', '--connect', proxy.address, '--engine', 'wasm', '--threads', '1'],
      ...['--silence-timeout', `${silenceSeconds}`],
    ]);

  beforeAll(async () => {
    // Two checkpoints are five steps apart: no life of the coordinator needs more than an epoch to get to its death.
    small = await smallRun(cases.length + saves.length + 2);
    const address = `tcp://127.0.0.1:${await freePort()}`;
    proxy = await FaultProxy.start(address);
    proxy.watch(({ header }) => {
      if (header.kind === 'assign') channels.add(header.channel);
      if (header.kind !== 'averaged' || killedAt === null) return;
      noteRecovery(
        `coordinator killed: ${killedAt.name}`,
        (performance.now() - killedAt.time) / 1000,
      );
      killedAt = null;
    });
    coordinate = () =>
      start([
        ...['coordinator', '--workers', '2', '--listen', address, '--run-dir', run, '--json'],
        ...['--resume', 'auto', '--checkpoint-steps', '5', ...small.flags],
        ...['--heartbeat-timeout', '2', '--step-timeout', '10'],
      ]);
    coordinator = coordinate();
    workers = [joinIn(), joinIn()];
  });

  const kill = (name: string): void => {
    killedAt = { name, time: performance.now() };
    coordinator.process.kill('SIGKILL');
  };

  /** Fails at once where a worker does not wait for its coordinator to come back. */
  const givesUp = async (worker: Running): Promise<never> => {
    const { code, stderr } = await worker.ended;
    throw new Error(`a worker ended with exit code ${code}: ${stderr}`);
  };

  /** By then all that was said of it is told: the next one begins where this one was. */
  async function again(): Promise<void> {
    const { stderr } = await coordinator.ended;
    expect(stderr).toBe('');
    coordinator = coordinate();
  }

  it.each(cases)('$passes $name', async ({ passes, ...point }: { passes: string } & Point) => {
    const die = (): void => kill(`${passes} ${point.name}`);
    const when: When = whenOf(point, proxy);
    await Promise.race([
      proxy.at(when, passes === 'before' ? arriving(die) : passed(die)),
      ...workers.map(givesUp),
    ]);
    await again();
  });

  it.each(saves)('%s a checkpoint has its name', async (passes) => {
    await proxy.next({ from: 'coordinator', kind: 'train' });
    await saving(run, passes, () => kill(`${passes} saving`));
    await again();
  });

  it('before stop: it ends well, with every sample of every epoch once', async () => {
    await proxy.at(
      { from: 'coordinator', kind: 'stop' },
      arriving(() => kill('before stop')),
    );
    await again();
    expect((await coordinator.ended).code).toBe(0);
    for (const worker of workers) expect((await worker.ended).code).toBe(0);
    expectWhole(run, small);
    await eventually(() => !workers.some(({ process }) => isAlive(process.pid!)));
    expect(segmentsOf(channels)).toEqual([]);
  });
});
