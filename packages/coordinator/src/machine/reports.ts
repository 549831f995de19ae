import { stepCount } from '@lockstep/core/data';
import { mostReported } from '@lockstep/core/protocol';
import { isAmongThemselves } from './membership.js';
import { stepTimeoutOf } from './pace.js';
import type { State } from './state.js';

/*
 * Ranks that add up among themselves need the coordinator for little, and a message from each of them for each step costs
 * small steps a good part of their time. So they report some steps at once, and go on meanwhile. What the coordinator
 * says of a report is heard before the next one: where it is to stop, the ranks leave out the last step of that one. A
 * lone rank reports some steps at once, too, and waits for the answer.
 */

/** When ranks report: after every so many steps from the first one on, and when they stop. */
export interface Reporting {
  readonly first: number;
  readonly every: number;
  /** Where they stop by themselves: after so many steps of the run. */
  readonly until: number;
}

/** For a stretch that begins at the cursor. */
export function reportingOf(state: State): Reporting {
  const { cursor, settings, pace } = state;
  const first = cursor.step;
  const left = stepCount(settings.dataset.trainSize - cursor.position, settings.batchSize);
  const ends = [first + left, knownStop(state)];
  if (!mayKeep(state)) return { first, every: 1, until: Math.min(...ends) };
  // How many are worth a report shows when some steps are done.
  const { reportMs, reportAfter } = settings;
  if (pace.steps < reportAfter)
    return { first, every: 1, until: Math.min(...ends, first + reportAfter) };
  const every = Math.max(1, Math.min(mostReported, Math.floor(reportMs / pace.quickestMs)));
  return { first, every, until: Math.min(...ends) };
}

const mayKeep = ({ collective, settings }: State): boolean =>
  collective !== 'star' && settings.reportMs > 0;

/** The ranks train on: their next report is awaited. */
export const awaitReports = (state: State, reporting: Reporting): State => ({
  ...state,
  phase: {
    name: 'training',
    contributions: state.members.map(() => []),
    reporting,
    waiting: null,
    deadline: state.now + stepTimeoutOf(state),
  },
});

/** Whether ranks report when they have done this step. */
export const isReport = ({ first, every, until }: Reporting, step: number): boolean =>
  (step + 1 - first) % every === 0 || step + 1 === until;

/** How many steps a report has that ends before this step. */
export const stepsInReport = ({ first, every }: Reporting, step: number): number =>
  ((step - 1 - first) % every) + 1;

/** Where they stop when they are told to in the answer to the report that ends before this step. */
export const stopAfter = (
  state: Pick<State, 'collective'>,
  { every, until }: Reporting,
  step: number,
): number => (isAmongThemselves(state) ? Math.min(step + every - 1, until) : step);

/** The step at which the ranks are known to stop; infinite: none within the epoch. */
function knownStop({ settings: { checkpointSteps, steps }, cursor: { step } }: State): number {
  const checkpoint =
    checkpointSteps === null ? null : step - (step % checkpointSteps) + checkpointSteps;
  return Math.min(checkpoint ?? Number.POSITIVE_INFINITY, steps ?? Number.POSITIVE_INFINITY);
}
