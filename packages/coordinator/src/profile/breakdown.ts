import { warmUpSteps } from '../runtime/throughput.js';
import { type StepPhase, type StepTimes, stepPhases } from './stepTimes.js';
import { type Lateness, latenessOf, type Straggler, stragglers } from './straggler.js';

/** What a rank does in a step, in the mean. Milliseconds. */
type PhaseMeans = Readonly<Record<StepPhase, number>>;

/** Where the time of a run went. */
export interface Breakdown {
  /** How many steps it is the mean of: not the first 20. */
  readonly steps: number;
  /** By rank. */
  readonly ranks: readonly PhaseMeans[];
  readonly stragglers: readonly Straggler[];
}

/** Adds up what the ranks tell of their steps. */
export class StepBreakdown {
  #seen = 0;
  #steps = 0;
  #sums: Record<StepPhase, number>[] = [];
  #lateness: Lateness[] = [];

  /** @param times of one step, by rank; a step of which not all ranks told does not count */
  observe(times: readonly (StepTimes | null)[]): void {
    if (times.some((each) => each === null)) return;
    this.#seen += 1;
    if (this.#seen <= warmUpSteps) return;
    const known = times as readonly StepTimes[];
    if (this.#sums.length !== known.length) this.#begin(known.length);
    this.#steps += 1;
    for (const [rank, sums] of this.#sums.entries()) {
      for (const phase of stepPhases) sums[phase] += known[rank]![phase];
    }
    for (const [rank, microseconds] of latenessOf(known).entries()) {
      const lateness = this.#lateness[rank]!;
      if (microseconds === 0) continue;
      lateness.steps += 1;
      lateness.microseconds += microseconds;
    }
  }

  /** Null where too few steps were taken. */
  get result(): Breakdown | null {
    if (this.#steps === 0) return null;
    const mean = (sum: number): number => sum / this.#steps / 1000;
    const ranks = this.#sums.map(
      (sums) =>
        Object.fromEntries(stepPhases.map((phase) => [phase, mean(sums[phase])])) as PhaseMeans,
    );
    return {
      steps: this.#steps,
      ranks,
      stragglers: stragglers(this.#steps, ranks, this.#lateness),
    };
  }

  /** Another number of ranks is another cluster. */
  #begin(ranks: number): void {
    this.#steps = 0;
    this.#sums = Array.from({ length: ranks }, () => ({
      load: 0,
      compute: 0,
      wait: 0,
      reduce: 0,
      barrier: 0,
      apply: 0,
    }));
    this.#lateness = Array.from({ length: ranks }, () => ({ steps: 0, microseconds: 0 }));
  }
}
