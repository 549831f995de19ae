import type { Header } from '@lockstep/core/protocol';
import type { TensorNote } from '../events.js';
import { dropTaking } from '../membership.js';
import { snapshotOf } from '../snapshot.js';
import type { Member, State, Taking } from '../state.js';
import {
  andThen,
  become,
  boundaryDeadline,
  scopeOf,
  sendTo,
  stepDeadline,
  type Transition,
  updatesOf,
} from '../transition.js';
import { violated } from './ending.js';
import { defectOf, theOneToAsk } from './fetching.js';

/*
 * A checkpoint within an epoch, for which nobody waits: at a step boundary the ranks are asked for the state of one and
 * for the hashes of the others, and told to train on, in one go. What they held at that boundary arrives while they
 * train; it goes to the disk once all of it is here and all have held the same weights. Whatever comes between, it is
 * given up, and made up for at the next boundary, where the ranks are held up for it.
 */

export function takeCheckpoint(state: State): Transition {
  const request = state.request + 1;
  const source = theOneToAsk(state);
  const taking: Taking = {
    request,
    source: source.peer,
    held: null,
    hashes: state.members.map(() => null),
    snapshot: snapshotOf(state, state.finished),
    backOff: state.backOff,
  };
  const asked = state.members.map((member) =>
    member === source
      ? sendTo(member, { kind: 'send-state', ...scopeOf(state), request, weights: true })
      : sendTo(member, { kind: 'send-hash', ...scopeOf(state), request }),
  );
  return become(
    {
      ...state,
      request,
      saving: { step: state.cursor.step, deadline: stepDeadline(state), taking },
      lastSaveAt: state.now,
      overdue: false,
    },
    { do: 'capture', remembered: state.remembered },
    ...asked,
  );
}

/** Whether an answer belongs to the checkpoint that is being taken. */
export const isTaking = ({ saving }: State, request: number): boolean =>
  saving?.taking?.request === request;

/** The state of the one that was asked for it. */
export function onTakenState(
  state: State,
  member: Member,
  { iterations }: Header<'state'>,
  tensors: TensorNote | null,
): Transition {
  const taking = state.saving!.taking!;
  const { snapshot, held, source } = taking;
  const defect =
    held !== null || member.peer !== source
      ? 'sent a state that nobody asked for'
      : iterations !== updatesOf(snapshot)
        ? `holds the weights of step ${iterations + snapshot.skipped}, not of step ${snapshot.cursor.step}`
        : defectOf(state, member, true, tensors?.lengths ?? {});
  if (defect !== null || tensors?.weightsSha256 === undefined) {
    const forget = tensors === null ? [] : [{ do: 'forget', id: tensors.id } as const];
    const what = defect ?? 'sent no weights';
    return andThen(become(state, ...forget), (next) => violated(next, member, what));
  }
  return heard(state, { ...taking, held: tensors.id }, member, tensors.weightsSha256);
}

/** The hash of another one. */
export function onTakenHash(
  state: State,
  member: Member,
  { weightsSha256 }: Header<'hash'>,
): Transition {
  const taking = state.saving!.taking!;
  if (member.peer === taking.source) return become(state);
  return heard(state, taking, member, weightsSha256);
}

function heard(state: State, before: Taking, { rank }: Member, hash: string): Transition {
  const hashes = before.hashes.map((other, each) => (each === rank ? hash : other));
  const taking: Taking = { ...before, hashes };
  const next: State = { ...state, saving: { ...state.saving!, taking } };
  if (hashes.some((one) => one === null)) return become(next);
  // Who is right is found out where they wait: they have trained on meanwhile.
  return new Set(hashes).size > 1 ? dropTaking(next) : write(next, taking, hash);
}

/** All is here, and all ranks held the same: to the disk with it. */
function write(state: State, taking: Taking, weightsSha256: string): Transition {
  const { step } = state.saving!;
  const { snapshot } = taking;
  const held = taking.held!;
  return become(
    {
      ...state,
      saving: { step, deadline: boundaryDeadline(state), taking: null },
      weightsSha256,
      // The run may have turned back since.
      backOff: state.backOff / taking.backOff,
    },
    { do: 'tell', news: { news: 'hash', weightsSha256, step } },
    { do: 'save', best: false, snapshot: { held, ...snapshot } },
    { do: 'forget', id: held },
  );
}
