import { beforeAll, describe, expect, it } from 'vitest';
import { Campaign } from '../support/campaign.js';
import { readRun } from '../support/lockstep.js';
import { passed } from '../support/proxy/faults.js';
import { noteRecovery } from '../support/recovery.js';
import { smallRun, stepsPerEpoch } from '../support/smallRun.js';
import { Supervised, silenceSeconds } from '../support/supervised.js';
import { points, whenOf } from './points.js';

const middle = points.find(({ name }) => name === 'middle contribution')!;
/** Of a campaign. */
const heartbeatSeconds = 2;

/** Stops a process for so long. @returns how long it stands, once it goes on */
function pause(pid: number, seconds: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  return new Promise((resolve) => {
    setTimeout(() => {
      process.kill(pid, 'SIGCONT');
      resolve();
    }, seconds * 1000);
  });
}

describe('a worker that stands still, and goes on', () => {
  let campaign: Campaign;
  beforeAll(async () => {
    campaign = await Campaign.begin(await smallRun(12));
  });

  /** Stops a rank in the middle of an epoch. */
  async function pauseWorker(deadlines: number) {
    let going: Promise<void> = Promise.resolve();
    const when = whenOf(middle, campaign.proxy, (passing) => campaign.isAmongTwo(passing));
    const stopped = campaign.proxy.at(
      when,
      passed(({ peer: { pid } }) => {
        going = pause(pid, deadlines * heartbeatSeconds);
      }),
    );
    const { peer } = await campaign.amongTwo(stopped);
    return { pid: peer.pid, going };
  }

  it('half a deadline: nobody is lost', async () => {
    const { pid, going } = await pauseWorker(0.5);
    await campaign.train(2);
    await going;
    expect(campaign.coordinator.output()).not.toMatch(new RegExp(`"warning".*pid ${pid}\\b`));
  });

  it('one deadline: it trains on, or the other one does without it', async () => {
    const { going } = await pauseWorker(1);
    const begun = performance.now();
    await Promise.race([campaign.train(2), campaign.goesOn()]);
    noteRecovery('worker stopped for one deadline', (performance.now() - begun) / 1000);
    await going;
  });

  it('three deadlines: the other one goes on without it, and it comes back', async () => {
    const { pid, going } = await pauseWorker(3);
    const begun = performance.now();
    await Promise.all([campaign.told(pid), campaign.goesOn()]);
    noteRecovery('worker stopped for three deadlines', (performance.now() - begun) / 1000);
    await going;
    await campaign.complete();
    expect([...campaign.workers.keys()]).toContain(pid);
  });

  it('the run ends well', async () => {
    await campaign.train(stepsPerEpoch);
    await campaign.end();
  });
});

describe('a coordinator that stands still, and goes on', () => {
  let supervised: Supervised;
  beforeAll(async () => {
    supervised = await Supervised.begin(await smallRun(12), '--workers', '1:2');
  });

  /** Stops it in the middle of an epoch. */
  async function pauseCoordinator(deadlines: number): Promise<void> {
    const { proxy, coordinator } = supervised;
    let going: Promise<void> = Promise.resolve();
    await proxy.at(
      whenOf(middle, proxy),
      passed(() => {
        going = pause(coordinator.process.pid!, deadlines * silenceSeconds);
      }),
    );
    await going;
  }

  const trains = (): Promise<unknown> =>
    supervised.proxy.next({ from: 'coordinator', kind: 'averaged', nth: 4 });
  const reconnects = (): boolean =>
    supervised.workers.some(({ output }) => output().includes('for it to come back'));

  /** Resolves when they train on with it, or with the one that is started after it. */
  async function trainsOn(deadlines: number): Promise<void> {
    const begun = performance.now();
    const { coordinator } = supervised;
    const ended = coordinator.ended.then(async ({ code }) => {
      // All workers looked for another one at the same time: none was left, and that is how it ends, by name.
      expect(code).toBe(7);
      expect(readRun(supervised.run).error?.message).toMatch(
        /^Lost rank \d .*its connection is gone/,
      );
      await supervised.again();
      await trains();
    });
    await Promise.race([trains(), ended]);
    const fault = `coordinator stopped for ${deadlines} x silence, after SIGCONT`;
    noteRecovery(fault, (performance.now() - begun) / 1000);
  }

  it('half a deadline: nobody looks for another one', async () => {
    await pauseCoordinator(0.5);
    await trains();
    expect(reconnects()).toBe(false);
  });

  it('one deadline: they train on', async () => {
    await pauseCoordinator(1);
    await trainsOn(1);
  });

  it('three deadlines: they look for another one, and train on', async () => {
    await pauseCoordinator(3);
    await trainsOn(3);
    expect(reconnects()).toBe(true);
  });

  it('the run ends well', () => supervised.end());
});
