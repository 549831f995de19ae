import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Running, start, temporaryFolder } from '../support/lockstep.js';
import { allFaults, noteRecovery } from '../support/recovery.js';
import { expectWhole, type SmallRun, smallRun, stepsPerEpoch } from '../support/smallRun.js';
import { addresses, canNetwork, card, twoHosts } from '../support/twoHosts.js';

const pace = fileURLToPath(new URL('../support/slowSteps.ts', import.meta.url));
/** What is sent to a card that is not there is lost, without a word to anybody. */
const nobody = '02:00:00:00:00:99';

/** What cuts the two hosts off from each other, and what ends it; on the coordinator's host 0 or on host 1. */
interface Cut {
  readonly name: string;
  readonly host: 0 | 1;
  readonly begin: string;
  readonly end: string;
}

const linkDown: Cut = {
  name: 'the link is down',
  host: 1,
  begin: `ip link set ${card} down`,
  end: `ip link set ${card} up`,
};

const blackHole = (host: 0 | 1, name: string): Cut => {
  const other = addresses[1 - host];
  return {
    name,
    host,
    begin: `ip neigh replace ${other} lladdr ${nobody} dev ${card} nud permanent`,
    end: `ip neigh del ${other} dev ${card}`,
  };
};

interface Case extends Cut {
  readonly seconds: number;
  /** What else there is, is for the long run. */
  readonly inCi?: true;
}

const all: readonly Case[] = [
  { seconds: 1, ...linkDown },
  { seconds: 5, ...linkDown, inCi: true },
  { seconds: 30, ...linkDown },
  { seconds: 5, ...blackHole(0, 'what the coordinator says is lost') },
  { seconds: 5, ...blackHole(1, 'what the worker says is lost'), inCi: true },
];
const cases = all.filter(({ inCi }) => allFaults || inCi);
/** For each fault: what it takes, what it takes to come back, and an epoch. */
const epochs = 2 * cases.reduce((sum, { seconds }) => sum + seconds + 4, 0);

describe.runIf(canNetwork)(
  'between two hosts (needs root and iproute2: network namespaces)',
  () => {
    const run = join(temporaryFolder(), 'run');
    let small: SmallRun;
    let coordinator: Running;
    let workers: Running[];
    let hosts: Awaited<ReturnType<typeof twoHosts>>;

    /** Is written when all that was to happen has happened: what is left of the run need not take its time. */
    const over = join(temporaryFolder(), 'over');
    const on = (host: 0 | 1, args: readonly string[]): Running =>
      start(args, { under: hosts[host].under, env: { SLOW_UNTIL: over } });
    const news = (name: string): number =>
      coordinator.output().split(`"news":"${name}"`).length - 1;
    const steps = (): number => Number(coordinator.output().match(/.*"step":(\d+)/s)?.[1] ?? 0);
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) {
        if (coordinator.process.exitCode !== null)
          throw new Error(coordinator.output().slice(-2_000));
        await sleep(20);
      }
    };
    /** Who is there now. */
    const worldSize = (): number => {
      const found = coordinator.output().match(/.*"news":"(?:regrouped|started)"([^\n]*)/s);
      return (found?.[1]?.match(/"pid":/g) ?? []).length;
    };

    beforeAll(async () => {
      small = await smallRun(epochs);
      hosts = await twoHosts();
      const address = `tcp://${addresses[0]}:5555`;
      coordinator = on(0, [
        ...['coordinator', '--workers', '1:2', '--listen', address, '--run-dir', run, '--json'],
        ...['--heartbeat-timeout', '2', '--step-timeout', '4', '--callbacks', pace, ...small.flags],
      ]);
      await coordinator.until(/tcp:/);
      workers = ([0, 1] as const).map((host) =>
        on(host, ['worker', '--connect', address, '--engine', 'wasm', '--silence-timeout', '3']),
      );
    });

    it.each(cases)(
      '$name for $seconds s: the others go on, and all of them together again',
      async ({ name, host, begin, end, seconds }) => {
        await until(() => worldSize() === 2 && steps() > 5);
        const regrouped = news('regrouped');
        const begun = performance.now();
        expect(hosts[host].run(begin)).toBe(true);
        const up = sleep(seconds * 1_000).then(() => hosts[host].run(end));
        // Shorter than the heartbeat: it goes on with the same ranks, once what was lost is sent again.
        if (seconds > 2) await until(() => news('regrouped') > regrouped);
        const since = steps();
        await until(() => steps() > since + 1);
        noteRecovery(`${name} for ${seconds} s`, (performance.now() - begun) / 1000);
        expect(await up).toBe(true);
        await until(() => worldSize() === 2);
        const before = steps();
        await until(() => steps() > before + stepsPerEpoch);
      },
    );

    it('the run ends well, with every sample of every epoch once', async () => {
      writeFileSync(over, '');
      expect((await coordinator.ended).code).toBe(0);
      for (const worker of workers) expect((await worker.ended).code).toBe(0);
      expectWhole(run, small);
    });
  },
);
