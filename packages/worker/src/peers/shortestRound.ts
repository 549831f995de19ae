/** The first rounds compile code, open connections and touch memory for the first time. */
const warmUpRounds = 2;
const leastRounds = 3;
const mostRounds = 100;
/** What the measured rounds take together, about, where a round takes less than that. */
const budgetMs = 80;

/**
 * How long an all-reduce takes: the shortest of some, after a warm-up. Whatever else the machine does only adds to
 * a time, and it must not turn the choice between two algorithms: another choice is another rounding.
 *
 * All ranks have to do the same number of rounds, and their clocks differ. So the all-reduce itself carries
 * the word: each rank brings whether its time is over, and each sees the same sum.
 *
 * @param round one all-reduce, in which this rank says whether its time is over; returns whether any rank's is
 * @returns milliseconds
 */
export async function shortestRound(
  round: (timeIsOver: boolean) => Promise<boolean>,
  now: () => number = () => performance.now(),
): Promise<number> {
  for (let i = 0; i < warmUpRounds; i++) await round(false);
  let shortest = Number.POSITIVE_INFINITY;
  const begun = now();
  for (let rounds = 1, over = false; !over && rounds <= mostRounds; rounds++) {
    const begin = now();
    over = await round(rounds >= leastRounds && begin - begun >= budgetMs);
    shortest = Math.min(shortest, now() - begin);
  }
  return shortest;
}
