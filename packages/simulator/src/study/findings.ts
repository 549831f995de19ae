import type { Row } from '../report/efficiency.js';
import type { Curve } from './study.js';

/** Seconds of a step that are not computing: waiting for what is exchanged, and the barrier. */
export function exchangeOf({ scenario, result }: Row): number {
  const { alone, gradients, apply } = scenario.workload;
  return result.whole - (scenario.ranks === 1 ? alone : gradients + apply);
}

/** The least number of ranks, of those simulated, from which on one way is faster than another; null: never. */
export function overtakes(faster: Curve, slower: Curve): number | null {
  const others = new Map(slower.rows.map((row) => [row.scenario.ranks, row.result.whole]));
  return fromWhere(faster.rows, ({ scenario, result }) => {
    const other = others.get(scenario.ranks);
    return other !== undefined && result.whole < other;
  });
}

/** The least number of ranks from which on less than this share of what ranks could do comes out. */
export function fallsBelow({ rows }: Curve, share: number): number | null {
  return fromWhere(rows, ({ efficiency }) => efficiency < share);
}

/**
 * The least number of ranks from which on twice as many give less than `gain` times as many images a second more.
 * At 0.5, half of the ranks that are added are lost.
 */
export function doublingGivesLess({ rows }: Curve, gain: number): number | null {
  const speeds = new Map(
    rows.map(({ scenario, efficiency }) => [scenario.ranks, scenario.ranks * efficiency]),
  );
  return fromWhere(rows.slice(0, -1), ({ scenario }) => {
    const [now, twice] = [speeds.get(scenario.ranks)!, speeds.get(2 * scenario.ranks)];
    return twice !== undefined && twice / now - 1 < gain;
  });
}

/** The number of ranks of the first row from which on it holds for all. */
function fromWhere(rows: readonly Row[], holds: (row: Row) => boolean): number | null {
  const lastWithout = rows.findLastIndex((row) => !holds(row));
  return rows[lastWithout + 1]?.scenario.ranks ?? null;
}
