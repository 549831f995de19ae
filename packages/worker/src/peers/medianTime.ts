/** The first rounds compile code, open connections and touch memory for the first time. */
const warmUpRounds = 2;
const leastRounds = 3;
const mostRounds = 100;
/** What the measured rounds take together, about, where a round takes less than that. */
const budgetMs = 80;

/**
 * How long an all-reduce takes: the median of some, after a warm-up.
 *
 * All ranks have to do the same number of rounds, and their clocks differ. So the all-reduce itself carries
 * the word: each rank brings whether its time is over, and each sees the same sum.
 *
 * @param round one all-reduce, in which this rank says whether its time is over; returns whether any rank's is
 * @returns milliseconds
 */
export async function medianTime(
  round: (timeIsOver: boolean) => Promise<boolean>,
  now: () => number = () => performance.now(),
): Promise<number> {
  for (let i = 0; i < warmUpRounds; i++) await round(false);
  const times: number[] = [];
  const begun = now();
  for (let over = false; !over && times.length < mostRounds; ) {
    const begin = now();
    over = await round(times.length + 1 >= leastRounds && begin - begun >= budgetMs);
    times.push(now() - begin);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)]!;
}
