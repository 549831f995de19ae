import { addMetrics, type MetricSums } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import type { TensorNote } from './events.js';
import type { Contribution, State, StepSums, Torn } from './state.js';

type Part = NonNullable<Header<'contribution'>['before']>[number];

/** What one message reports: parts of steps that follow each other, the last of which is the message's own. */
export function reportedIn(
  header: Header<'contribution'>,
  tensors: TensorNote | null,
): readonly Contribution[] {
  const before = header.before ?? [];
  const first = header.step - before.length;
  return [
    ...before.map((part, i) => noteOf(first + i, part, null)),
    noteOf(header.step, header, tensors?.id ?? null),
  ];
}

const noteOf = (step: number, part: Part, gradient: string | null): Contribution => ({
  step,
  samples: part.samples,
  metrics: part.metrics,
  logged: part.logged ?? null,
  gradient,
  finite: part.finite ?? true,
  times: part.times ?? null,
});

/** All ranks' parts of the step of the cursor, by rank; null: not all of them are here. */
export function partsOfStep({ phase }: State): readonly Contribution[] | null {
  if (phase.name !== 'training') return null;
  const heads = phase.contributions.flatMap(([head]) => head ?? []);
  return heads.length === phase.contributions.length ? heads : null;
}

/** What is not a number would make the whole sum none. */
const sumsBy =
  (kind: 'metrics' | 'logged') =>
  (contributions: readonly Contribution[]): MetricSums =>
    contributions
      .filter(({ finite }) => finite)
      .reduce<MetricSums>((total, part) => addMetrics(total, part[kind] ?? {}), {});

/** Metrics of all samples that the ranks have reported of a step. */
export const sumsOf = sumsBy('metrics');

/** The same of what they measured before the step, without dropout. */
export const loggedSumsOf = sumsBy('logged');

export const unfinishedIn = (contributions: readonly Contribution[]): readonly StepSums[] =>
  contributions.map((part) => ({ step: part.step, sums: sumsOf([part]) }));

/** A rank is lost: where that is while they train, others may be beyond the cursor. */
export function tornBy({ phase, torn, cursor: { step } }: State): Torn | null {
  if (phase.name !== 'training') return torn;
  const { every, until } = phase.reporting;
  // All of the report that is missing, and of the next one all but the last.
  const ahead = Math.min(2 * every - 1, until - step);
  return { ahead, unfinished: unfinishedIn(phase.contributions.flat()) };
}
