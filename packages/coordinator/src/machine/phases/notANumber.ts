import type { Command } from '../commands.js';
import { letGoOf } from '../membership.js';
import type { Contribution, Member, State } from '../state.js';
import { become, idle, nameOf, scopeOf, sendToAll, type Transition } from '../transition.js';
import { endWith } from './ending.js';

/** So many skipped steps in a row are no accident any more. */
const mostSkips = 10;
/** What is left of the learning rate each time that the run goes back: the same step with the same rate failed. */
const backOffFactor = 0.5;

/*
 * A rank's loss or gradient is NaN or infinite, at a step that all ranks have contributed to. `stop` looks at the loss,
 * which costs nothing; with `skip` and `rollback` each rank also looks at its gradient, and spoils it as a whole where
 * an element of it is no number. The average is then spoiled on all ranks, and none of them applies it.
 */

/** Those whose part of this step is no number. */
export function sickOf({ members, settings }: State, parts: readonly Contribution[]): Member[] {
  return members.filter(({ rank }) => {
    const { finite, metrics } = parts[rank]!;
    const { loss } = metrics;
    return !finite || (settings.onNaN === 'stop' && loss && !Number.isFinite(loss.sum));
  });
}

export const mustStop = ({ settings, skippedInARow }: State): boolean =>
  settings.onNaN === 'stop' || (settings.onNaN === 'skip' && skippedInARow >= mostSkips);

export function endSick(state: State, sick: readonly Member[]): Transition {
  const { settings, cursor, skippedInARow } = state;
  const what =
    settings.onNaN === 'stop'
      ? `Invalid loss, terminating training: it is NaN or infinite on ${namesOf(sick)}`
      : `NaN or infinity again on ${namesOf(sick)}, after ${skippedInARow} skipped steps`;
  return endWith(state, {
    code: 'DIVERGED',
    message: `Step ${cursor.step}: ${what}`,
    hint: 'Lower --learning-rate; the last checkpoint was written before this step.',
  });
}

/** The step counts, and changes no weight. */
export function skipping(
  { skipped, skippedInARow }: State,
  sick: readonly Member[],
): Pick<State, 'skipped' | 'skippedInARow'> {
  return sick.length === 0
    ? { skipped, skippedInARow: 0 }
    : { skipped: skipped + 1, skippedInARow: skippedInARow + 1 };
}

export function skippedNews({ cursor, skipped }: State, sick: readonly Member[]): Command[] {
  if (sick.length === 0) return [];
  const by = namesOf(sick);
  return [{ do: 'tell', news: { news: 'skipped', step: cursor.step, by, count: skipped + 1 } }];
}

/** Back to the newest checkpoint, and on from there with a lower learning rate. */
export function rollBack(state: State, sick: readonly Member[]): Transition {
  if (state.phase.name !== 'training') return become(state);
  const { step } = state.cursor;
  const change = `NaN or infinity at step ${step} on ${namesOf(sick)}`;
  return become(
    idle({
      ...state,
      change,
      backOff: state.backOff * backOffFactor,
      agenda: [{ plan: 'reload' }],
    }),
    ...letGoOf(state.phase),
    ...sendToAll(state, { kind: 'halt', ...scopeOf(state) }),
    { do: 'tell', news: { news: 'warning', message: change } },
  );
}

const namesOf = (members: readonly Member[]): string => members.map(nameOf).join(', ');
