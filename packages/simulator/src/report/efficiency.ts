import type { Scenario } from '../step/scenario.js';
import { type Simulated, simulate } from '../step/simulate.js';

/** A scenario, what came out, and how it compares with a lone rank. */
export interface Row {
  readonly scenario: Scenario;
  readonly result: Simulated;
  /** Images a second and rank, beside those of a lone rank: 0 to 1. */
  readonly efficiency: number;
  /** Seconds that the simulation took. */
  readonly took: number;
}

/** Weak scaling: all ranks have as many images, however many ranks there are. */
export async function measure(scenario: Scenario): Promise<Row> {
  const begun = performance.now();
  const result = scenario.ranks === 1 ? aloneOf(scenario) : await simulate(scenario);
  const took = (performance.now() - begun) / 1000;
  return { scenario, result, efficiency: scenario.workload.alone / result.whole, took };
}

/** Nothing is sent, and nobody waited for. */
function aloneOf({ workload }: Scenario): Simulated {
  return { whole: workload.alone, reduce: 0, barrier: 0, events: 0, messages: 0 };
}
