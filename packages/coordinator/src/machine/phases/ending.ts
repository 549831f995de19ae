import type { ErrorCode } from '@lockstep/core';
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
}

/** The run cannot go on, and there is nothing to save. Every worker is told. */
export function endWith(state: State, failure: Failure): Transition {
  const outcome = state.failing ?? outcomeOf(failure);
  return become(idle({ ...state, failing: outcome, agenda: [{ plan: 'finish', outcome }] }));
}

/**
 * These members are gone. The others leave their step unapplied, one of them gives its state, it is saved,
 * and the run ends. What cannot be saved any more is left as the last checkpoint has it.
 */
export function endWithout(state: State, gone: readonly Member[], failure: Failure): Transition {
  const members = state.members.filter((member) => !gone.includes(member));
  const left: State = { ...state, members };
  // What the failed ones hear is their own business; they may be alive and must not wait for us.
  const farewell = gone.map((member) =>
    sendTo(member, {
      kind: 'stop',
      ...scopeOf(state),
      code: failure.code,
      message: failure.message,
    }),
  );
  const whole = state.held !== null || members.length > 0;
  const saved = state.savedStep === state.cursor.step;
  // At the end of a run ranks may hold other weights than those of the last step: nothing to save, either.
  const ended = state.finished !== null;
  if (state.failing !== null || state.phase.name === 'joining' || !whole || saved || ended) {
    const end = endWith(left, failure);
    return become(end.state, ...farewell, ...end.commands);
  }
  const outcome = outcomeOf(failure);
  const agenda: Plan[] = [
    { plan: 'fetch' },
    { plan: 'save', best: false, finished: null },
    { plan: 'finish', outcome },
  ];
  const halted = sendToAll(left, { kind: 'halt', ...scopeOf(state) });
  return become(idle({ ...left, failing: outcome, agenda }), ...farewell, ...halted, {
    do: 'tell',
    news: { news: 'stopping', message: failure.message },
  });
}

/** A member said something that the protocol forbids at this point. */
export function violated(state: State, member: Member, what: string): Transition {
  return endWithout(state, [member], {
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

const outcomeOf = ({ code, message, hint = null }: Failure): Outcome => ({
  stoppedBy: 'error',
  message,
  code,
  hint,
  signal: null,
});
