import type { Verdict } from '@lockstep/core/callbacks';
import type { CoordinatorHeader } from '@lockstep/core/protocol';
import type { Command } from './commands.js';
import type { Member, State } from './state.js';

/** The next state, and what the runtime must do. */
export interface Transition {
  readonly state: State;
  readonly commands: readonly Command[];
}

export const become = (state: State, ...commands: Command[]): Transition => ({ state, commands });

/** Nothing to wait for: the next plan of the agenda is taken. */
export const idle = (state: State): State => ({ ...state, phase: { name: 'idle' } });

/** Nothing can be done before the checkpoint that is under way is written. */
export const untilSaved = (state: State): State => ({ ...state, phase: { name: 'saving' } });

/** Goes on from a transition: the commands of both, in order. */
export function andThen(first: Transition, next: (state: State) => Transition): Transition {
  const second = next(first.state);
  return { state: second.state, commands: [...first.commands, ...second.commands] };
}

/** The fields that tie a message to this run and this membership. */
export const scopeOf = (state: State) => ({
  run: state.settings.run,
  generation: state.generation,
});

export const sendTo = (member: Pick<Member, 'peer'>, header: CoordinatorHeader): Command => ({
  do: 'send',
  peer: member.peer,
  header,
});

export const sendToAll = (state: State, header: CoordinatorHeader): Command[] =>
  state.members.map((member) => sendTo(member, header));

/** How often the optimizer has updated the weights: once a step, but for those that were skipped. */
export const updatesOf = ({ cursor, skipped }: Pick<State, 'cursor' | 'skipped'>): number =>
  cursor.step - skipped;

/** To one that wanted to leave: it may. */
export const farewell = (state: State, member: Member): Command =>
  sendTo(member, { kind: 'stop', ...scopeOf(state), code: null, message: 'left the run' });

/** It was let go while it could not be reached, or is of a coordinator that died: it may say hello again. */
export const strangerTold = (peer: string): Command => ({
  do: 'send',
  peer,
  header: {
    kind: 'refuse',
    code: 'WORKER_LOST',
    message: 'the coordinator does not count on this worker, or not any more',
  },
});

/** How people are told of a worker: by rank, host and process. */
export const nameOf = (member: Member): string =>
  `${member.rank < 0 ? 'worker' : `rank ${member.rank}`} (host ${member.host}, pid ${member.pid})`;

export const stepDeadline = (state: State): number => state.now + state.settings.stepTimeoutMs;

export const boundaryDeadline = (state: State): number =>
  state.now + state.settings.boundaryTimeoutMs;

/** Each rank is to say by this request which weights it holds. */
export const comparing = (
  state: State,
  {
    request,
    given = false,
    isForChange = false,
  }: { readonly request: number; readonly given?: boolean; readonly isForChange?: boolean },
): State => ({
  ...state,
  request,
  phase: {
    name: 'comparing',
    request,
    given,
    isForChange,
    hashes: state.members.map(() => null),
    deadline: stepDeadline(state),
  },
});

/** What callbacks have to say to the user. */
export const messagesOf = ({ messages = [] }: Verdict): Command[] =>
  messages.map((message) => ({ do: 'tell', news: { news: 'message', message } }));
