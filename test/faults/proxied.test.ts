import { beforeAll, describe, expect, it } from 'vitest';
import { Campaign } from '../support/campaign.js';
import { cut, delay, duplicate, flip, reorder, stall, truncate } from '../support/proxy/faults.js';
import type { Fault } from '../support/proxy/proxy.js';
import { allFaults, noteRecovery } from '../support/recovery.js';
import { smallRun, stepsPerEpoch } from '../support/smallRun.js';
import { points, whenOf } from './points.js';

interface Case {
  readonly name: string;
  /** The message that it happens to. */
  readonly at: string;
  readonly fault: Fault;
  /** Whether it is too little for anybody to be lost by it. */
  readonly harmless?: true;
  /** What else there is of the same kind is for the long run. */
  readonly inCi?: true;
}

const contribution = 'middle contribution';

const cases: readonly Case[] = [
  { name: 'late', at: contribution, fault: delay(300), harmless: true, inCi: true },
  { name: 'late', at: 'averaged', fault: delay(300), harmless: true },
  { name: 'half a heartbeat of silence', at: contribution, fault: stall(1_000), harmless: true },
  { name: 'three heartbeats of silence', at: contribution, fault: stall(6_000), inCi: true },
  { name: 'cut off', at: contribution, fault: cut, inCi: true },
  { name: 'cut off', at: 'averaged', fault: cut },
  { name: 'cut off', at: 'load-state', fault: cut },
  { name: 'cut in the middle', at: contribution, fault: truncate, inCi: true },
  { name: 'cut in the middle', at: 'averaged', fault: truncate },
  { name: 'a bit of the header turned', at: contribution, fault: flip('header'), inCi: true },
  { name: 'a bit of the header turned', at: 'averaged', fault: flip('header') },
  { name: 'a bit of the header turned', at: 'train', fault: flip('header', 0.9) },
  { name: 'a bit of a gradient turned', at: contribution, fault: flip('tensor'), inCi: true },
  { name: 'a bit of the average turned', at: 'averaged', fault: flip('tensor'), inCi: true },
  { name: 'a bit of the weights turned', at: 'load-state', fault: flip('tensor') },
  { name: 'a bit of the state turned', at: 'state', fault: flip('tensor'), inCi: true },
  { name: 'a bit of a sample turned', at: 'data-chunk', fault: flip('tensor') },
  { name: 'twice', at: contribution, fault: duplicate, inCi: true },
  { name: 'twice', at: 'averaged', fault: duplicate },
  { name: 'twice', at: 'train', fault: duplicate, inCi: true },
  { name: 'twice', at: 'load-state', fault: duplicate, harmless: true },
  { name: 'twice', at: 'evaluated', fault: duplicate },
  { name: 'after the next', at: 'assign', fault: reorder },
  { name: 'after the next', at: 'load-state', fault: reorder, inCi: true },
];

/** What is said when the membership changes, and not in every epoch. */
const atRegrouping = ['assign', 'load-state'];

describe('what can happen to a message', () => {
  let campaign: Campaign;
  const chosen = cases.filter(({ inCi }) => allFaults || inCi);
  const named = chosen.map((each) => [`${each.at}: ${each.name}`, each] as const);
  beforeAll(async () => {
    // With star, gradients cross the proxy, too.
    const flags = ['--all-reduce', 'star', '--step-timeout', '3'];
    campaign = await Campaign.begin(await smallRun(2 * chosen.length + 3), ...flags);
  });

  it.each(named)('%s', async (title, { at, fault, harmless }) => {
    await campaign.complete();
    if (atRegrouping.includes(at)) {
      campaign.kill([...campaign.workers.keys()].at(-1)!);
      await campaign.goesOn();
    }
    const point = points.find((each) => each.name === at)!;
    const when = whenOf(point, campaign.proxy, (passing) => campaign.isAmongTwo(passing));
    let outcome: Promise<'trained' | 'regrouped'> | undefined;
    const watched: Fault = (passing, hands) => {
      const begun = performance.now();
      outcome = Promise.race([
        campaign.train(harmless ? 2 : stepsPerEpoch + 1).then(() => 'trained' as const),
        campaign.goesOn().then(() => 'regrouped' as const),
      ]);
      void outcome.then((how) => {
        if (how === 'regrouped') noteRecovery(title, (performance.now() - begun) / 1000);
      });
      return fault(passing, hands);
    };
    const happened = campaign.proxy.at(when, watched);
    campaign.bringAnother();
    await happened;
    if (harmless) expect(await outcome).toBe('trained');
    else expect(['trained', 'regrouped']).toContain(await outcome);
  });

  it('the run ends well, with every sample of every epoch once', async () => {
    await campaign.end();
  });
});
