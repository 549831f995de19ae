import { expect, it } from 'vitest';
import { shortestRound } from './shortestRound.js';

/** Ranks that meet each round, each with a clock that a round advances by its own amount. */
async function ranks(roundMs: readonly ((round: number) => number)[]) {
  let present: boolean[] = [];
  let meet: (anyOver: boolean) => void = () => undefined;
  let meeting = new Promise<boolean>((resolve) => {
    meet = resolve;
  });
  const rounds = roundMs.map(() => 0);
  const shortest = roundMs.map((durationOf, rank) => {
    let time = 1_000 * rank;
    return shortestRound(
      async (timeIsOver) => {
        time += durationOf(rounds[rank]!);
        rounds[rank] = rounds[rank]! + 1;
        present.push(timeIsOver);
        const here = meeting;
        if (present.length === roundMs.length) {
          meet(present.includes(true));
          present = [];
          meeting = new Promise((resolve) => {
            meet = resolve;
          });
        }
        return here;
      },
      () => time,
    );
  });
  return { shortest: await Promise.all(shortest), rounds };
}

it('has all ranks do as many rounds as the first whose time is over', async () => {
  const { shortest, rounds } = await ranks([() => 1, () => 10, () => 2]);
  expect(shortest).toEqual([1, 10, 2]);
  expect(new Set(rounds).size).toBe(1);
  expect(rounds[0]).toBeLessThan(15);
});

it('leaves out the warm-up, and what others of the machine add', async () => {
  const disturbed = (round: number) => (round === 0 ? 1 : round % 2 === 0 ? 30 : 3);
  const { shortest } = await ranks([disturbed, disturbed]);
  expect(shortest).toEqual([3, 3]);
});

it('measures three rounds at least, and a hundred at most', async () => {
  expect((await ranks([() => 1_000, () => 1])).rounds).toEqual([5, 5]);
  expect((await ranks([() => 0, () => 0])).rounds).toEqual([102, 102]);
});
