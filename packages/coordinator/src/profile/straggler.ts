import { type StepPhase, type StepTimes, stepPhases } from './stepTimes.js';

/** Late by less than this part of a step is not late. */
const lateShare = 0.1;
/** Consistently: in more than this part of the steps. */
const consistentShare = 0.5;
/** Of fewer steps nothing is concluded. */
const fewestSteps = 20;

/** What a rank does itself, as against waiting for others. */
const ownPhases = ['load', 'compute', 'reduce', 'apply'] as const satisfies readonly StepPhase[];

/** How often a rank was late, and by how much in all. */
export interface Lateness {
  steps: number;
  microseconds: number;
}

/** A rank for which the others wait again and again. */
export interface Straggler {
  readonly rank: number;
  /** In which part of the steps it was late: above 0.5. */
  readonly share: number;
  /** By how much in those steps, in the mean. Milliseconds. */
  readonly lateMs: number;
  /** A whole step in the mean over all steps. Milliseconds. */
  readonly stepMs: number;
  /** Where it loses most of that time. */
  readonly phase: (typeof ownPhases)[number];
}

/**
 * By how many microseconds each rank was late in a step: how much longer it was busy with work of its own than
 * the median of the ranks, the lower one of two. So of two ranks the slower is late, and of four that stand on
 * two hosts both on the slower host. Less than a tenth of the step counts as 0.
 *
 * It takes no clock that the ranks have in common, and goes for all ways of adding up.
 */
export function latenessOf(times: readonly StepTimes[]): number[] {
  const busy = times.map((each) => ownPhases.reduce((sum, phase) => sum + each[phase], 0));
  const whole = times.map((each) => stepPhases.reduce((sum, phase) => sum + each[phase], 0));
  const least = lateShare * Math.max(...whole);
  const usual = lowerMedian(busy);
  return busy.map((own) => (own - usual > least ? own - usual : 0));
}

/** The ranks that are consistently late, the one that costs the most first. */
export function stragglers(
  steps: number,
  means: readonly Readonly<Record<StepPhase, number>>[],
  lateness: readonly Lateness[],
): Straggler[] {
  if (steps < fewestSteps) return [];
  const stepMs =
    means.reduce((sum, mean) => sum + stepPhases.reduce((s, phase) => s + mean[phase], 0), 0) /
    means.length;
  const excess = (rank: number, phase: StepPhase): number =>
    means[rank]![phase] - lowerMedian(means.map((mean) => mean[phase]));
  return lateness
    .flatMap(({ steps: late, microseconds }, rank) =>
      late / steps > consistentShare
        ? [
            {
              rank,
              share: late / steps,
              lateMs: microseconds / late / 1000,
              stepMs,
              phase: ownPhases.reduce((worst, phase) =>
                excess(rank, phase) > excess(rank, worst) ? phase : worst,
              ),
            },
          ]
        : [],
    )
    .sort((a, b) => b.share * b.lateMs - a.share * a.lateMs);
}

function lowerMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1]!;
}
