import type { Event } from '../events.js';
import type { State } from '../state.js';
import { become, boundaryDeadline, idle, type Transition } from '../transition.js';
import { endWith } from './ending.js';

/** How often a run goes back to the same checkpoint before it is said to be stuck. */
const mostReloads = 3;

/*
 * Nobody has the state of this step any more, or nobody wants it: training goes on from the newest checkpoint, with the ranks that are left
 * and those that come. What was trained since is trained again, from the same weights and with the same samples.
 */

/** Asks for the newest checkpoint, unless it has led nowhere before. */
export function beginReload(state: State, code: 'WORKER_LOST' | 'DIVERGED'): Transition {
  const { savedStep, reloads, change } = state;
  const count = reloads.step === savedStep ? reloads.count + 1 : 1;
  if (savedStep === null || count > mostReloads) {
    return endWith(state, {
      code,
      message:
        savedStep === null
          ? `${change}, and nothing was saved yet`
          : `${change}; the run has gone back to step ${savedStep} ${mostReloads} times, and never came to another checkpoint`,
      hint:
        code === 'DIVERGED'
          ? 'Go on from the checkpoint with --resume and a lower learning rate.'
          : 'See the logs of the workers; then go on with --resume.',
    });
  }
  const { remembered } = state;
  return become(
    {
      ...state,
      phase: { name: 'reloading', deadline: boundaryDeadline(state) },
      reloads: { step: savedStep, count },
      remembered: null,
      doing: null,
    },
    ...(remembered === null ? [] : [{ do: 'forget', id: remembered } as const]),
    { do: 'reload', learningRateFactor: state.backOff },
  );
}

/** The run stands where the checkpoint was written; its callbacks begin there, too. */
export function onReloaded(
  state: State,
  { resumed, file }: Extract<Event, { type: 'reloaded' }>,
): Transition {
  const { held, remembered, cursor } = resumed;
  if (state.phase.name !== 'reloading') {
    const ids = [held, ...(remembered === null ? [] : [remembered])];
    return become(state, ...ids.map((id) => ({ do: 'forget', id }) as const));
  }
  const { skipped, learningRate, epochSums, history, finished } = resumed;
  return become(
    idle({
      ...state,
      held,
      heldBy: null,
      remembered,
      cursor,
      skipped,
      skippedInARow: 0,
      learningRate,
      epochSums,
      history,
      finished,
      torn: null,
      pending: {},
      evaluations: {},
      restoreWeights: false,
      savedStep: cursor.step,
      agenda: [{ plan: 'callbacks', hook: 'train-begin' }],
    }),
    { do: 'tell', news: { news: 'reloaded', cursor, file, why: state.change ?? '' } },
  );
}
