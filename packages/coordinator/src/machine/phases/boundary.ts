import type { Verdict } from '@lockstep/core/callbacks';
import { stepCount } from '@lockstep/core/data';
import type { Header } from '@lockstep/core/protocol';
import type { Event } from '../events.js';
import { allEpochs, allSteps, earlyStop } from '../outcomes.js';
import {
  closingAgenda,
  epochEndAgenda,
  epochLogs,
  finalAgenda,
  isSaved,
  lastStepAgenda,
  restoreAgenda,
  stepsAreDone,
} from '../plans.js';
import type { CallbackHook, EpochRecord, Member, Outcome, Plan, State } from '../state.js';
import { andThen, become, idle, messagesOf, type Transition } from '../transition.js';
import { onDifference } from './difference.js';
import { onElection } from './electing.js';
import { endWith } from './ending.js';

/** One rank's hash of its weights; all must be equal. */
export function onHash(
  state: State,
  member: Member,
  { request, weightsSha256 }: Header<'hash'>,
): Transition {
  const { phase, cursor } = state;
  if (phase.name !== 'comparing' || phase.request !== request) return become(state);
  const at = state.members.indexOf(member);
  const hashes = phase.hashes.map((other, i) => (i === at ? weightsSha256 : other));
  if (hashes.some((hash) => hash === null)) {
    return become({ ...state, phase: { ...phase, hashes } });
  }
  if (phase.isForChange) return onElection(state, hashes as string[]);
  if (new Set(hashes).size > 1) return onDifference(state, hashes as string[], phase.given);
  return become(idle({ ...state, weightsSha256 }), {
    do: 'tell',
    news: { news: 'hash', weightsSha256, step: cursor.step },
  });
}

/** The callbacks have spoken at a boundary. */
export function onVerdict(state: State, hook: CallbackHook, verdict: Verdict): Transition {
  if (state.phase.name !== 'consulting' || state.phase.hook !== hook) return become(state);
  const told = become(state, ...messagesOf(verdict));
  return andThen(told, (next) => onHeard(next, hook, verdict));
}

function onHeard(state: State, hook: CallbackHook, verdict: Verdict): Transition {
  if (verdict.fail) {
    return endWith(state, { code: 'DIVERGED', message: verdict.fail.message });
  }
  const heard: State = {
    ...idle(state),
    learningRate: verdict.learningRate ?? state.learningRate,
    restoreWeights: state.restoreWeights || verdict.restoreWeights === true,
  };
  switch (hook) {
    case 'train-begin':
      return become({ ...heard, agenda: firstAgenda(heard) });
    case 'epoch-begin':
      return verdict.stop
        ? become({ ...heard, agenda: finalAgenda(earlyStop(verdict.stop.message)) })
        : become(heard);
    case 'epoch-end':
      return endEpoch(heard, verdict);
    case 'train-end':
      return heard.restoreWeights && heard.remembered !== null
        ? become({ ...heard, agenda: [...restoreAgenda(heard), ...heard.agenda] })
        : become(heard);
  }
}

/** A checkpoint is on the disk, of this step or of one before. */
export function onSaved(
  state: State,
  { file, weightsSha256 }: Extract<Event, { type: 'saved' }>,
): Transition {
  if (state.saving === null) return become(state);
  const { step } = state.saving;
  const told = { do: 'tell', news: { news: 'saved', file, step, weightsSha256 } } as const;
  const saved: State = { ...state, saving: null, savedStep: step };
  return become(state.phase.name === 'saving' ? idle(saved) : saved, told);
}

/** The epoch is in the books: save it, then go on to the next one or to the end. */
function endEpoch(state: State, verdict: Verdict): Transition {
  const { cursor, settings, pending } = state;
  const record: EpochRecord = { epoch: cursor.epoch, logs: epochLogs(state) };
  const steps = stepCount(cursor.position, settings.batchSize);
  const told = { do: 'tell', news: { news: 'epoch', record, steps } } as const;
  const stop = verdict.stop ?? pending.stop;
  const best = verdict.save === 'best' || pending.save === 'best';
  const remember: Plan[] =
    verdict.rememberWeights || pending.rememberWeights ? [{ plan: 'remember' }] : [];
  const outcome = stop ? earlyStop(stop.message) : endOf(state, cursor.epoch + 1);
  if (cursor.position < settings.dataset.trainSize) {
    // Only the last step ends an epoch before its time; that is saved already, and not as the end of an epoch.
    const save: Plan[] = best ? [{ plan: 'save', best, finished: state.finished }] : [];
    const agenda = [...remember, ...save, ...finalAgenda(outcome!)];
    return become({ ...state, agenda, pending: {} }, told);
  }
  const finished = outcome === null ? null : stop ? 'early-stop' : 'epochs';
  const agenda: Plan[] = [
    { plan: 'fetch' },
    ...remember,
    { plan: 'save', best, finished },
    ...(outcome === null ? nextEpoch : finalAgenda(outcome)),
  ];
  return become(
    {
      ...state,
      agenda,
      finished,
      pending: {},
      cursor: { epoch: cursor.epoch + 1, step: cursor.step, position: 0 },
      epochSums: {},
      history: [...state.history, record],
    },
    told,
  );
}

/** Whether all that was asked for is trained, after so many epochs. */
function endOf(state: State, epochs: number): Outcome | null {
  const { settings } = state;
  if (stepsAreDone(state)) return allSteps(settings.steps!);
  return epochs >= settings.epochs ? allEpochs(settings.epochs) : null;
}

const nextEpoch: Plan[] = [{ plan: 'callbacks', hook: 'epoch-begin' }, { plan: 'train' }];

/** Where training begins: at an epoch, within one (resumed), or not at all (resumed after the end). */
function firstAgenda(state: State): Plan[] {
  const { cursor, settings, finished } = state;
  if (finished === 'early-stop') {
    return finalAgenda(earlyStop('This run was stopped early before; nothing is left to train.'));
  }
  // Saved when a worker was lost after the last step of an epoch, before the epoch was in the books.
  if (cursor.position >= settings.dataset.trainSize) return epochEndAgenda(state);
  // What is left to do of a run whose last step was in the middle of an epoch, resumed with nothing left to train.
  if (stepsAreDone(state) && cursor.position > 0) {
    return isSaved(state)
      ? [{ plan: 'fetch' }, ...closingAgenda(state)]
      : lastStepAgenda(state, false);
  }
  const outcome = endOf(state, cursor.epoch);
  if (outcome !== null) return finalAgenda(outcome);
  return cursor.position === 0 ? nextEpoch : [{ plan: 'train' }];
}
