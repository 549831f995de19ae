// Parameters of a model that come nearest to what was measured.

/**
 * Changes one value after the other by a factor, which is made smaller when none of them gets nearer any more.
 *
 * @param distance of values, to be made small
 * @param begin values above 0, and they stay so
 */
export async function fitLogarithms(distance, begin) {
  let best = begin;
  let least = await distance(best);
  for (let factor = 2; factor > 1.02; factor = Math.sqrt(factor)) {
    for (let isNearer = true; isNearer; ) {
      isNearer = false;
      for (const index of best.keys()) {
        for (const times of [factor, 1 / factor]) {
          const values = best.with(index, best[index] * times);
          const found = await distance(values);
          if (found < least) [best, least, isNearer] = [values, found, true];
        }
      }
    }
  }
  return best;
}
