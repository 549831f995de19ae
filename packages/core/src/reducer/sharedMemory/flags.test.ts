import { expect, it } from 'vitest';
import { Flags } from './flags.js';
import { layoutOf } from './layout.js';

function world(worldSize: number): Flags[] {
  const layout = layoutOf(worldSize, 0);
  const buffer = new ArrayBuffer(layout.bytes + 128);
  return Array.from(
    { length: worldSize },
    (_, rank) => new Flags(buffer, 128, layout, rank, worldSize),
  );
}

it('says who has not counted to where, across the largest int32', () => {
  const [zero, one, two] = world(3);
  for (let step = 0; step < 200; step += 1) {
    const target = zero!.countOf('ready', 1);
    expect(zero!.behind('ready', target)).toEqual([0, 1, 2]);
    zero!.advance('ready');
    two!.advance('ready');
    expect(zero!.behind('ready', target)).toEqual([1]);
    expect(two!.reached('ready', target)).toBe(false);
    one!.advance('ready');
    expect(one!.behind('ready', target)).toEqual([]);
    expect(two!.reached('ready', target)).toBe(true);
  }
  expect(zero!.countOf('ready')).toBeLessThan(0);
  expect(zero!.countOf('done')).toBeGreaterThan(0);
});

it('keeps apart the counters, the weights and who has come', () => {
  const ranks = world(2);
  expect(ranks[0]!.unattached()).toEqual([0, 1]);
  for (const [rank, flags] of ranks.entries()) {
    flags.setWeight(rank + 0.1);
    flags.advance('done');
  }
  ranks[1]!.attach();
  for (const flags of ranks) {
    expect(flags.unattached()).toEqual([0]);
    expect([flags.weightOf(0), flags.weightOf(1)]).toEqual([0.1, 1.1].map(Math.fround));
    expect(flags.reached('done', flags.countOf('done'))).toBe(true);
    expect(flags.behind('ready', flags.countOf('ready', 1))).toEqual([0, 1]);
    expect(flags.reached('ready', flags.countOf('ready'))).toBe(true);
  }
});
