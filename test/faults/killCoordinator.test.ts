import { beforeAll, describe, it } from 'vitest';
import { arriving, passed } from '../support/proxy/faults.js';
import { allFaults } from '../support/recovery.js';
import { smallRun } from '../support/smallRun.js';
import { Supervised } from '../support/supervised.js';
import { named, points, saving, whenOf } from './points.js';

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

describe('kill -9 of the coordinator, started again and again by one command line', () => {
  let supervised: Supervised;
  beforeAll(async () => {
    // Two checkpoints are five steps apart: no life of the coordinator needs more than an epoch to get to its death.
    supervised = await Supervised.begin(
      await smallRun(cases.length + saves.length + 2),
      ...['--workers', '2'],
    );
  });

  it.each(named(cases))('%s', async (title, { passes, ...point }) => {
    const { proxy } = supervised;
    const die = (): void => supervised.kill(`coordinator killed: ${title}`);
    const fault = passes === 'before' ? arriving(die) : passed(die);
    await Promise.race([proxy.at(whenOf(point, proxy), fault), supervised.givenUp()]);
    await supervised.again();
  });

  it.each(saves)('%s a checkpoint has its name', async (passes) => {
    await supervised.proxy.next({ from: 'coordinator', kind: 'train' });
    await saving(supervised.run, passes, () =>
      supervised.kill(`coordinator killed: ${passes} saving`),
    );
    await supervised.again();
  });

  it('before stop: it ends well, with every sample of every epoch once', async () => {
    // The other worker's is on its way already.
    let isOver = false;
    const stop = { from: 'coordinator', kind: 'stop' } as const;
    supervised.proxy.each(stop, async ({ bytes }, { write }) => {
      if (isOver) await write(bytes);
    });
    await supervised.proxy.at(
      stop,
      arriving(() => supervised.kill('coordinator killed: before stop')),
    );
    await supervised.again();
    isOver = true;
    await supervised.end();
  });
});
