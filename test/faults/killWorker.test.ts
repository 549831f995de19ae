import { beforeAll, describe, expect, it } from 'vitest';
import { Campaign } from '../support/campaign.js';
import { arriving, passed } from '../support/proxy/faults.js';
import type { Passing } from '../support/proxy/proxy.js';
import { allFaults, noteRecovery } from '../support/recovery.js';
import { smallRun } from '../support/smallRun.js';
import { named, points, saving, whenOf } from './points.js';

/** Each point is there before or after its message has passed; in a long run, both. */
const cases = (['before', 'after'] as const).flatMap((passes, round) =>
  points.flatMap((point, i) => (allFaults || i % 2 === round ? [{ passes, ...point }] : [])),
);
const saves = allFaults ? (['before', 'after'] as const) : (['after'] as const);

/** Before these nobody counts on a worker. */
const joining = ['hello', 'welcome', 'ready'];

describe('kill -9 of a worker, one after another in one run', () => {
  let campaign: Campaign;
  beforeAll(async () => {
    // From one fault to the next one it is an epoch at most, and some steps of a rank alone.
    campaign = await Campaign.begin(
      await smallRun(Math.ceil(1.5 * (cases.length + saves.length)) + 3),
    );
  });

  /** Resolves when those that are left train on without this one. */
  async function recovery(name: string, pid: number): Promise<void> {
    const begun = performance.now();
    campaign.kill(pid);
    await Promise.all([campaign.told(pid), campaign.goesOn()]);
    noteRecovery(`worker killed: ${name}`, (performance.now() - begun) / 1000);
  }

  it.each(named(cases))('%s', async (title, { passes, ...point }) => {
    campaign.bringAnother();
    const isEarly = joining.includes(point.name);
    const when = whenOf(
      point,
      campaign.proxy,
      (passing) => isEarly || campaign.isAmongTwo(passing),
    );
    let recovered: Promise<unknown> = Promise.resolve();
    const kill = ({ peer: { pid } }: Passing): void => {
      if (!isEarly) recovered = recovery(title, pid);
      else campaign.kill(pid);
    };
    const { peer } = await campaign.proxy.at(
      when,
      passes === 'before' ? arriving(kill) : passed(kill),
    );
    await recovered;
    // Of the first word of a worker that was dead before it was heard nobody knows.
    if (isEarly && !(point.name === 'hello' && passes === 'before')) await campaign.told(peer.pid);
  });

  it.each(saves)('%s a checkpoint has its name', async (passes) => {
    await campaign.complete();
    const [pid] = campaign.workers.keys();
    let recovered: Promise<unknown> = Promise.resolve();
    await saving(campaign.run, passes, () => {
      recovered = recovery(`${passes} saving`, pid!);
    });
    await recovered;
  });

  it('before and after stop: the run ends well, with every sample of every epoch once', async () => {
    await campaign.complete();
    const ended = [arriving, passed].map((fault) =>
      campaign.proxy.at(
        { from: 'coordinator', kind: 'stop', where: ({ peer }) => campaign.workers.has(peer.pid) },
        fault(({ peer }) => campaign.kill(peer.pid)),
      ),
    );
    await campaign.end();
    await Promise.all(ended);
    expect(campaign.workers.size).toBe(0);
  });
});
