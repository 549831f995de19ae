import { dropTaking, haveAll, remaining } from '../membership.js';
import { interrupted } from '../outcomes.js';
import type { Member, Plan, State } from '../state.js';
import { andThen, become, farewell, idle, type Transition, untilSaved } from '../transition.js';
import { fetchFromMost } from './electing.js';
import { endHolding, endTooFew } from './ending.js';
import { assignRanks } from './ranks.js';
import { beginReload } from './reloading.js';

/*
 * A change of membership, always at a step boundary: the state of that step is fetched from a rank, the ranks are
 * given anew, in a new generation, and every one of them gets that state. Then the plan that was under way is begun
 * again. Whoever was lost has taken nothing along: the samples of its step are trained again, or were applied.
 */

/** At a step boundary: gets the state of this step, or of the last one that was saved, lets go of those that leave, and gives ranks to all others. */
export function changeMembership(state: State): Transition {
  if (state.saving?.taking) return andThen(dropTaking(state), changeMembership);
  const { held, members, settings } = state;
  if (held === null) {
    if (haveAll(state)) return fetchFromMost({ ...state, doing: null });
    if (state.saving !== null) return become(untilSaved(state));
    return beginReload(state, 'WORKER_LOST');
  }
  const goodbye = members.filter(({ leaving }) => leaving).map((member) => farewell(state, member));
  const all = remaining(state);
  const enough = all.length >= settings.minWorkers;
  const next = enough ? regroup(state, all) : awaitOthers(state);
  return become(next.state, ...goodbye, ...next.commands);
}

/** What is left to do with new ranks: they agree on how they average, and all get the held weights first. */
function agendaOfNewRanks(agenda: readonly Plan[]): Plan[] {
  const [first] = agenda;
  const rest = first?.plan === 'link' ? agenda.slice(1) : agenda;
  return [{ plan: 'link' }, { plan: 'broadcast', source: 'held' }, ...rest];
}

function regroup(state: State, members: readonly Member[]): Transition {
  const { agenda, newcomers, change, cursor } = state;
  const assigned = assignRanks(
    {
      ...state,
      generation: state.generation + 1,
      newcomers: newcomers.filter(({ ready }) => ready === null),
      change: null,
      torn: null,
      agenda: agendaOfNewRanks(agenda),
    },
    members,
  );
  const { generation } = assigned.state;
  return become(idle(assigned.state), ...assigned.commands, {
    do: 'tell',
    news: {
      news: 'regrouped',
      generation,
      members: assigned.state.members,
      cursor,
      why: change ?? '',
    },
  });
}

/** Too few to go on: others may come until the deadline. */
function awaitOthers(state: State): Transition {
  const { settings, now, members, signal, cursor } = state;
  if (signal !== null) return endHolding(state, interrupted(signal, `after step ${cursor.step}`));
  const staying = members.filter(({ leaving }) => !leaving);
  const next: State = {
    ...state,
    members: staying,
    phase: { name: 'rejoining', deadline: now + settings.rejoinTimeoutMs },
  };
  return become(next, {
    do: 'tell',
    news: {
      news: 'rejoining',
      least: settings.minWorkers,
      left: remaining(next).length,
      timeoutMs: settings.rejoinTimeoutMs,
    },
  });
}

/** Nobody has come in time. */
export function onRejoinDeadline(state: State): Transition {
  const { settings, members, change } = state;
  const seconds = settings.rejoinTimeoutMs / 1000;
  return endTooFew(state, {
    code: 'TOO_FEW_WORKERS',
    message: `${change}; ${members.length} of at least ${settings.minWorkers} workers are left, and no other came within ${seconds} s`,
    hint: 'Go on from the checkpoint with --resume, allow fewer with --workers MIN:MAX, or wait longer with --rejoin-timeout.',
  });
}
