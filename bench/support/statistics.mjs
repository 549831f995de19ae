/** The middle one, or the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median, least and greatest. */
export function spread(values) {
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/**
 * How many times as fast: the ratio of the medians, and the least and greatest of the ratios within a round,
 * whose two sides were measured next to each other.
 */
export function ratio(ours, theirs) {
  const byRound = ours.map((rate, round) => rate / theirs[round]);
  return { ...spread(byRound), median: median(ours) / median(theirs) };
}
