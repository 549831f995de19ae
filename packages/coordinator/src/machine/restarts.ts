import type { Command } from './commands.js';
import { everybody } from './membership.js';
import type { Member, State } from './state.js';
import { become, type Transition } from './transition.js';

/** Before the second restart; the first one comes at once, and each one after it waits twice as long. */
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

export const mayRestart = ({ settings, restarts, failing, signal }: State): boolean =>
  restarts.count < settings.maxRestarts && failing === null && signal === null;

/**
 * A worker of this machine that is lost may stand still, or be stuck: what is started again takes its place, so it must
 * not keep it. Where none is started again, it may come back by itself.
 */
export function killLost(state: State, lost: readonly Member[]): Command[] {
  if (!mayRestart(state)) return [];
  const others = everybody(state).filter((member) => !lost.includes(member));
  // It may be back already, and be known by another connection.
  const slots = lost
    .flatMap(({ slot }) => slot ?? [])
    .filter((slot) => others.every((member) => member.slot !== slot));
  return slots.map((slot) => ({ do: 'kill-worker', slot }));
}

/** A worker of this machine has ended: it is started again, after a while. */
export function planRestart(state: State, slot: number): Transition {
  const { settings, restarts, now } = state;
  const waitMs =
    restarts.count === 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (restarts.count - 1));
  const count = restarts.count + 1;
  const due = [...restarts.due, { slot, at: now + waitMs }];
  const when = waitMs === 0 ? 'now' : `in ${waitMs / 1000} s`;
  const message = `Worker ${slot} is started again ${when} (restart ${count} of ${settings.maxRestarts}).`;
  return become(
    { ...state, restarts: { count, due } },
    { do: 'tell', news: { news: 'warning', message } },
  );
}

/** Starts those whose time has come; none once the run is ending. */
export function startDue(state: State): Transition {
  const { restarts, now, failing, signal } = state;
  const isOver = failing !== null || signal !== null;
  const due = isOver ? restarts.due : restarts.due.filter(({ at }) => now >= at);
  if (due.length === 0) return become(state);
  const left = restarts.due.filter((each) => !due.includes(each));
  const starts = isOver ? [] : due.map(({ slot }) => ({ do: 'start-worker', slot }) as const);
  return become({ ...state, restarts: { ...restarts, due: left } }, ...starts);
}
