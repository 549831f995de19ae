import type { WorkerHeader } from '@lockstep/core/protocol';
import { onTick } from './deadlines.js';
import type { Event, TensorNote } from './events.js';
import { everybody, isElastic } from './membership.js';
import { interrupted } from './outcomes.js';
import { advance } from './phases/agenda.js';
import { onHash, onSaved, onVerdict } from './phases/boundary.js';
import {
  endHolding,
  endWith,
  endWithout,
  type Failure,
  giveUpOn,
  lossOf,
  violated,
} from './phases/ending.js';
import { onEvaluated } from './phases/evaluating.js';
import { onState } from './phases/fetching.js';
import { onHello, onReady, without } from './phases/joining.js';
import { onPong } from './phases/lateStep.js';
import { onLinked, onProbe } from './phases/linking.js';
import { onReloaded } from './phases/reloading.js';
import { isTaking, onTakenHash, onTakenState } from './phases/taking.js';
import { onContribution, onStepVerdict } from './phases/training.js';
import { killLost, mayRestart, planRestart } from './restarts.js';
import type { Member, State } from './state.js';
import { andThen, become, farewell, nameOf, strangerTold, type Transition } from './transition.js';

/**
 * The coordinator's mind: what happened in, what to do out. No I/O, no clock, no randomness, no tensors;
 * time enters as `tick`. Everything that the coordinator ever decides is decided below this function.
 */
export function step(state: State, event: Event): Transition {
  if (state.phase.name === 'ended') {
    return become(state, ...letGoOf(event.type === 'message' ? event.tensors : null));
  }
  return andThen(handle(state, event), advance);
}

function handle(state: State, event: Event): Transition {
  switch (event.type) {
    case 'start': {
      const deadline = event.now + state.settings.joinTimeoutMs;
      const phase = { name: 'joining', deadline, alone: false } as const;
      return become(
        { ...state, now: event.now, channel: event.channel, phase },
        {
          do: 'tell',
          news: { news: 'waiting', workers: state.settings.workers, joined: 0 },
        },
      );
    }
    case 'tick':
      return onTick({ ...state, now: event.now });
    case 'message':
      return onMessage(state, event.peer, event.header, event.tensors);
    case 'lost':
      return onLost(state, event);
    case 'worker-exited':
      return onWorkerExited(state, event);
    case 'interrupt':
      return onInterrupt(state, event);
    case 'verdict':
      return onVerdict(state, event.hook, event.verdict);
    case 'step-verdict':
      return onStepVerdict(state, event.verdict);
    case 'saved':
      return onSaved(state, event);
    case 'save-failed':
      return onBroken({ ...state, saving: null }, event);
    case 'reloaded':
      return onReloaded(state, event);
    case 'broken':
      return onBroken(state, event);
  }
}

function onMessage(
  state: State,
  peer: string,
  header: WorkerHeader,
  tensors: TensorNote | null,
): Transition {
  if (header.kind === 'hello') return onHello(state, peer, header);
  const newcomer = state.newcomers.find((other) => other.peer === peer);
  if (newcomer !== undefined) {
    return andThen(become(state, ...letGoOf(tensors)), (next) =>
      onNewcomer(next, newcomer, header),
    );
  }
  const member = state.members.find((other) => other.peer === peer);
  // Who leaves, or cannot go on, may not have heard yet of the membership that has begun meanwhile.
  const holdsForAll = header.kind === 'leaving' || header.kind === 'failed';
  const stale =
    header.run !== state.settings.run || (header.generation !== state.generation && !holdsForAll);
  // From a peer that was lost, or of another membership: not believed.
  if (member === undefined || stale) {
    const answer = member === undefined ? [strangerTold(peer)] : [];
    return become(state, ...letGoOf(tensors), ...answer);
  }
  switch (header.kind) {
    case 'ready':
      return state.phase.name === 'joining'
        ? onReady(state, member, header)
        : violated(state, member, 'was ready twice');
    case 'linked':
      return onLinked(state, member, header);
    case 'probe':
      return onProbe(state, member, header, tensors);
    case 'contribution':
      return onContribution(state, member, header, tensors);
    case 'state':
      return isTaking(state, header.request)
        ? onTakenState(state, member, header, tensors)
        : onState(state, member, header, tensors);
    case 'hash':
      return isTaking(state, header.request)
        ? onTakenHash(state, member, header)
        : onHash(state, member, header);
    case 'evaluated':
      return onEvaluated(state, member, header);
    case 'failed':
      return onFailed(state, member, header);
    case 'leaving':
      return onLeaving(state, member, { peer, reason: header.reason });
    case 'pong':
      return onPong(state, member, header);
    case 'data-request':
      // Answered by the runtime: it does not change what the coordinator decides.
      return become(state);
  }
}

/** One without a rank has nothing to say but whether it can have one. */
function onNewcomer(state: State, member: Member, header: WorkerHeader): Transition {
  switch (header.kind) {
    case 'ready':
      return onReady(state, member, header);
    case 'failed':
      return dropUnranked(state, member, `${nameOf(member)}: ${header.message}`);
    case 'leaving':
      return sayGoodbye(state, member, `${nameOf(member)} left again (${header.reason})`);
    default:
      return become(state);
  }
}

/** Its step is finished first, where the others can go on without it. */
function onLeaving(
  state: State,
  member: Member,
  { peer, reason }: { readonly peer: string; readonly reason: string },
): Transition {
  if (isReplaceable(state, member)) {
    return sayGoodbye(state, member, `${nameOf(member)} left before training began (${reason})`);
  }
  if (!isElastic(state) || state.phase.name === 'joining') {
    return onLost(state, { peer, reason: `it was told to leave (${reason})` });
  }
  const members = state.members.map((other) =>
    other === member ? { ...member, leaving: true } : other,
  );
  return become({ ...state, members });
}

function onFailed(
  state: State,
  member: Member,
  { code, message, hint }: Extract<WorkerHeader, { kind: 'failed' }>,
): Transition {
  const failure = { code, message: `${nameOf(member)}: ${message}`, hint: hint ?? null };
  if (isReplaceable(state, member)) return dropUnranked(state, member, failure.message);
  return endWithout(state, [member], failure);
}

function onLost(
  state: State,
  event: { readonly peer: string; readonly reason: string; readonly code?: string },
): Transition {
  const member = everybody(state).find(({ peer }) => peer === event.peer);
  if (member === undefined) return become(state);
  if (isReplaceable(state, member)) {
    const message = `${nameOf(member)} left before training began: ${event.reason}`;
    return andThen(become(state, ...killLost(state, [member])), (next) =>
      dropUnranked(next, member, message),
    );
  }
  if (event.code === 'PROTOCOL_VIOLATION') return violated(state, member, event.reason);
  return giveUpOn(state, [member], lossOf([member], event.reason));
}

/** As long as it has no rank another worker may take its place: one of our own only if it is started again. */
const isReplaceable = (state: State, member: Member): boolean =>
  state.newcomers.includes(member) ||
  (state.phase.name === 'joining' && (member.slot === null || mayRestart(state)));

const dropUnranked = (state: State, member: Member, message: string): Transition =>
  become(without(state, member), { do: 'tell', news: { news: 'warning', message } });

/** It waits to be told that it may go. */
const sayGoodbye = (state: State, member: Member, message: string): Transition =>
  andThen(become(state, farewell(state, member)), (next) => dropUnranked(next, member, message));

/** The first cause is the one to report; what fails while the run is ending anyway is told, too. */
function onBroken(state: State, event: Failure): Transition {
  if (state.failing === null) return endWith(state, event);
  const warning = { do: 'tell', news: { news: 'warning', message: event.message } } as const;
  return andThen(become(state, warning), (next) => endWith(next, event));
}

function onWorkerExited(
  state: State,
  { slot, code, reason }: Extract<Event, { type: 'worker-exited' }>,
): Transition {
  const member = everybody(state).find((other) => other.slot === slot);
  const restarting = mayRestart(state) && !member?.leaving;
  const planned = restarting ? planRestart(state, slot) : become(state);
  if (member !== undefined) {
    return andThen(planned, (next) =>
      isReplaceable(state, member)
        ? dropUnranked(next, member, lossOf([member], reason).message)
        : endWithout(next, [member], lossOf([member], reason)),
    );
  }
  if (restarting || state.phase.name !== 'joining') return planned;
  return endWith(state, {
    code: code ?? 'WORKER_LOST',
    message: `The local worker ${slot} ended before it joined: ${reason}`,
    hint: `See logs/worker-${slot}.log in the run directory.`,
    slots: [slot],
  });
}

/** The user wants to stop: at the next step boundary, with a checkpoint. */
function onInterrupt(state: State, { signal }: Extract<Event, { type: 'interrupt' }>): Transition {
  if (state.signal !== null) return become(state);
  const next: State = { ...state, signal };
  const message = `${signal}: finishing this step, then saving a checkpoint. Once more: stop at once.`;
  if (state.phase.name === 'rejoining') {
    return endHolding(next, interrupted(signal, `after step ${state.cursor.step}`));
  }
  if (state.phase.name !== 'joining') {
    return become(next, { do: 'tell', news: { news: 'stopping', message } });
  }
  const outcome = interrupted(signal, 'before training began');
  return become({ ...next, phase: { name: 'idle' }, agenda: [{ plan: 'finish', outcome }] });
}

const letGoOf = (tensors: TensorNote | null) =>
  tensors === null ? [] : [{ do: 'forget', id: tensors.id } as const];
