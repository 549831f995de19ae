import { beforeAll, describe, expect, it } from 'vitest';
import { Campaign } from '../support/campaign.js';
import { arriving, passed } from '../support/proxy/faults.js';
import type { Passing } from '../support/proxy/proxy.js';
import { allFaults, noteRecovery } from '../support/recovery.js';
import { smallRun } from '../support/smallRun.js';
import { points, saving, whenOf } from './points.js';

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
    // Between two faults there is an epoch at most.
    campaign = await Campaign.begin(await smallRun(cases.length + saves.length + 3));
  });

  /** @returns when the survivor trains on */
  async function recovered(name: string, pid: number, begun: number): Promise<void> {
    await campaign.told(pid);
    await campaign.goesOn;
    noteRecovery(`worker killed: ${name}`, (performance.now() - begun) / 1000);
  }

  it.each(cases)('$passes $name', async ({ passes, ...point }) => {
    campaign.complete();
    let begun = 0;
    const kill = ({ peer }: Passing): void => {
      begun = performance.now();
      campaign.kill(peer.pid);
    };
    const fault = passes === 'before' ? arriving(kill) : passed(kill);
    const when = whenOf(
      point,
      campaign.proxy,
      (passing) => joining.includes(point.name) || campaign.isAmongTwo(passing),
    );
    const { peer } = await campaign.proxy.at(when, fault);
    // Of the first word of a worker that was dead before it was heard nobody knows.
    if (point.name === 'hello' && passes === 'before') return;
    if (joining.includes(point.name)) await campaign.told(peer.pid);
    else await recovered(`${passes} ${point.name}`, peer.pid, begun);
  });

  it.each(saves)('%s a checkpoint has its name', async (passes) => {
    campaign.complete();
    await campaign.together;
    const [pid] = campaign.workers.keys();
    const begun = performance.now();
    await saving(campaign.run, passes, () => campaign.kill(pid!));
    await recovered(`${passes} saving`, pid!, begun);
  });

  it('before and after stop: the run ends well, with every sample of every epoch once', async () => {
    campaign.complete();
    const ended = [1, 2].map((nth) =>
      campaign.proxy.at(
        { from: 'coordinator', kind: 'stop', where: ({ peer }) => campaign.workers.has(peer.pid) },
        (nth === 1 ? arriving : passed)(({ peer }) => campaign.kill(peer.pid)),
      ),
    );
    await campaign.end();
    await Promise.all(ended);
    expect(campaign.workers.size).toBe(0);
  });
});
