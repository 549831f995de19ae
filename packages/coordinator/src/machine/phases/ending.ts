import type { ErrorCode } from '@lockstep/core';
import { tornBy } from '../contributions.js';
import { canGoOn, dropTaking, goOnWithout, haveAll, letGoOf } from '../membership.js';
import { isSaved } from '../plans.js';
import { killLost } from '../restarts.js';
import { isSharded } from '../sharding.js';
import type { Member, Outcome, Plan, State } from '../state.js';
import {
  become,
  idle,
  nameOf,
  scopeOf,
  sendTo,
  sendToAll,
  type Transition,
} from '../transition.js';

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | null;
  readonly slots?: readonly number[];
}

/** The run cannot go on, and there is nothing to save. Every worker is told. */
export function endWith(state: State, failure: Failure): Transition {
  const outcome = state.failing ?? outcomeOf(failure);
  const agenda: Plan[] = [{ plan: 'finish', outcome }];
  const left = idle({ ...state, change: null, failing: outcome, agenda });
  return become(left, ...letGoOf(state.phase));
}

/** The run cannot go on with the state that is held: it is saved, unless it is, and the run ends. */
export function endHolding(state: State, outcome: Outcome): Transition {
  const { finished } = state;
  const save: Plan[] = isSaved(state) ? [] : [{ plan: 'save', best: false, finished }];
  return become(idle({ ...state, change: null, agenda: [...save, { plan: 'finish', outcome }] }));
}

/** Fewer are left than the run needs. */
export function endTooFew(state: State, failure: Failure): Transition {
  const outcome = outcomeOf(failure);
  return endHolding({ ...state, failing: outcome }, outcome);
}

/**
 * These members are gone. The others leave the step that they are in, one of them gives its state, it is saved,
 * and the run ends. What cannot be saved any more is left as the last checkpoint has it.
 */
export function endWithout(state: State, gone: readonly Member[], failure: Failure): Transition {
  const dropped = dropTaking(state);
  const members = state.members.filter((member) => !gone.includes(member));
  const left: State = { ...dropped.state, members };
  // Those that are gone may be alive: then they must not wait for us.
  const farewell = gone.map((member) =>
    sendTo(member, {
      kind: 'stop',
      ...scopeOf(state),
      code: failure.code,
      message: failure.message,
    }),
  );
  const rest =
    state.failing !== null
      ? goOnRescuing(left)
      : canGoOn(left)
        ? goOnWithout(left, failure.message)
        : beginRescue({ ...left, change: null }, { ...failure, slots: slotsOf(gone) });
  return become(rest.state, ...dropped.commands, ...farewell, ...rest.commands);
}

/** These members do not do what they must: `endWithout`, whether their processes live or not. */
export function giveUpOn(state: State, lost: readonly Member[], failure: Failure): Transition {
  const { state: left, commands } = endWithout(state, lost, failure);
  return become(left, ...commands, ...killLost(state, lost));
}

const slotsOf = (members: readonly Member[]): number[] => members.flatMap(({ slot }) => slot ?? []);

/** The first failure: save what the others have, unless it is saved or nobody has anything. */
function beginRescue(state: State, failure: Failure): Transition {
  const { phase, held } = state;
  const sharded = held === null && isSharded(state);
  const whole = held !== null || (haveAll(state) && !sharded);
  // Before that, nothing was trained here.
  const begun = phase.name !== 'joining' && phase.name !== 'linking';
  if (!begun || isSaved(state)) return endWith(state, failure);
  if (!whole) return endWith(state, sharded ? { ...failure, hint: lastSaved(state) } : failure);
  const outcome = outcomeOf(failure);
  const finish: Plan = { plan: 'finish', outcome };
  const { finished } = state;
  const failing: State = idle({
    ...state,
    failing: outcome,
    torn: tornBy(state),
    agenda: [{ plan: 'fetch' }, { plan: 'save', best: false, finished }, finish],
  });
  const halt = sendToAll(state, { kind: 'halt', ...scopeOf(state) });
  return become(failing, ...letGoOf(phase), ...halt, {
    do: 'tell',
    news: { news: 'stopping', message: failure.message },
  });
}

/** What is left where a rank took its part of the optimizer with it. */
const lastSaved = ({ savedStep, cursor }: State): string =>
  `With --shard-optimizer a lost rank takes its part of the optimizer with it: ${
    savedStep === null
      ? 'nothing was saved'
      : `the last checkpoint is of step ${savedStep}, ${cursor.step - savedStep} steps before; go on from it with --resume`
  }. Save more often with --checkpoint-steps.`;

/** One more is gone while the state is being saved: ask the next one, as long as there is one. */
function goOnRescuing(state: State): Transition {
  if (state.phase.name !== 'fetching') return become(state);
  if (state.members.length === 0) return endWith(state, { code: 'WORKER_LOST', message: '' });
  const again = idle({ ...state, agenda: [{ plan: 'fetch' }, ...state.agenda] });
  return become(again, ...letGoOf(state.phase));
}

/** A member said something that the protocol forbids at this point. */
export function violated(state: State, member: Member, what: string): Transition {
  return giveUpOn(state, [member], {
    code: 'PROTOCOL_VIOLATION',
    message: `${nameOf(member)} ${what}`,
    hint: 'Install the same version of Lockstep on every machine.',
  });
}

/** How a lost worker is reported: who, where, and how far it came. */
export function lossOf(members: readonly Member[], why: string): Failure {
  const list = members
    .map((member) => `${nameOf(member)}, last step ${member.lastStep}`)
    .join('; ');
  return {
    code: 'WORKER_LOST',
    message: `Lost ${list}: ${why}`,
    hint: 'See its log in the run directory; go on from the last checkpoint with --resume.',
  };
}

const outcomeOf = ({ code, message, hint = null, slots = [] }: Failure): Outcome => ({
  stoppedBy: 'error',
  message,
  code,
  hint,
  signal: null,
  slots,
});
