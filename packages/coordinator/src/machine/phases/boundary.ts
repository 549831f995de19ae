import type { Verdict } from '@lockstep/core/callbacks';
import type { Header } from '@lockstep/core/protocol';
import type { TensorNote } from '../events.js';
import { epochEndAgenda, epochLogs, finalAgenda } from '../plans.js';
import type { CallbackHook, EpochRecord, Member, Outcome, Plan, State } from '../state.js';
import { andThen, become, idle, messagesOf, type Transition } from '../transition.js';
import { endWith, violated } from './ending.js';

/** The first rank's weights and optimizer state have arrived. */
export function onState(
  state: State,
  member: Member,
  { request }: Header<'state'>,
  tensors: TensorNote | null,
): Transition {
  const { phase } = state;
  if (tensors === null) return violated(state, member, 'sent a state without tensors');
  if (phase.name !== 'fetching' || phase.request !== request) {
    return become(state, { do: 'forget', id: tensors.id });
  }
  const { weights } = tensors.lengths;
  if (weights !== member.ready?.parameterCount) {
    const what = `sent ${weights} weights instead of ${member.ready?.parameterCount}`;
    return violated(state, member, what);
  }
  return become(idle({ ...state, held: tensors.id }));
}

/** One rank's hash of its weights; all must be equal. */
export function onHash(
  state: State,
  member: Member,
  { request, weightsSha256 }: Header<'hash'>,
): Transition {
  const { phase, cursor } = state;
  if (phase.name !== 'comparing' || phase.request !== request) return become(state);
  const hashes = phase.hashes.map((other, rank) => (rank === member.rank ? weightsSha256 : other));
  if (hashes.some((hash) => hash === null)) {
    return become({ ...state, phase: { ...phase, hashes } });
  }
  if (new Set(hashes).size > 1) {
    const list = hashes.map((hash, rank) => `rank ${rank}: ${hash?.slice(0, 16)}`).join(', ');
    return endWith(state, {
      code: 'RANKS_DIFFER',
      message: `After step ${cursor.step} the ranks hold different weights (${list})`,
      hint: 'Run all ranks on the same engine and version; go on from the last checkpoint with --resume.',
    });
  }
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
        ? become({ ...heard, agenda: finalAgenda(heard, earlyStop(verdict.stop.message)) })
        : become(heard);
    case 'epoch-end':
      return endEpoch(heard, verdict);
    case 'train-end':
      return become(heard);
  }
}

export function onSaved(state: State, file: string): Transition {
  if (state.phase.name !== 'saving') return become(state);
  const { step } = state.cursor;
  return become(
    { ...idle(state), savedStep: step },
    {
      do: 'tell',
      news: { news: 'saved', file, step },
    },
  );
}

/** The epoch is in the books: save it, then go on to the next one or to the end. */
function endEpoch(state: State, verdict: Verdict): Transition {
  const { cursor, settings } = state;
  const record: EpochRecord = { epoch: cursor.epoch, logs: epochLogs(state) };
  const outcome = verdict.stop
    ? earlyStop(verdict.stop.message)
    : cursor.epoch + 1 >= settings.epochs
      ? allEpochs(settings.epochs)
      : null;
  const next: State = {
    ...state,
    cursor: { epoch: cursor.epoch + 1, step: cursor.step, position: 0 },
    epochSums: {},
    history: [...state.history, record],
    finished:
      outcome === null ? null : outcome.stoppedBy === 'early-stop' ? 'early-stop' : 'epochs',
  };
  const remember: Plan[] = verdict.rememberWeights ? [{ plan: 'fetch' }, { plan: 'remember' }] : [];
  // Where older weights are put back, theirs is the checkpoint to write; it is part of the end.
  const restores = outcome !== null && state.restoreWeights;
  const save: Plan[] = restores
    ? []
    : [{ plan: 'fetch' }, { plan: 'save', best: verdict.save === 'best', finished: next.finished }];
  const agenda: Plan[] = [
    ...remember,
    ...save,
    ...(outcome === null ? nextEpoch : finalAgenda(next, outcome)),
  ];
  // Weights that were remembered before give way to the new ones.
  const forgotten =
    verdict.rememberWeights && state.remembered !== null && state.remembered !== state.held
      ? [{ do: 'forget', id: state.remembered } as const]
      : [];
  return become(
    { ...next, agenda, remembered: verdict.rememberWeights ? null : next.remembered },
    {
      do: 'tell',
      news: {
        news: 'epoch',
        record,
        steps: Math.ceil(settings.dataset.trainSize / settings.batchSize),
      },
    },
    ...forgotten,
  );
}

const nextEpoch: Plan[] = [{ plan: 'callbacks', hook: 'epoch-begin' }, { plan: 'train' }];

/** Where training begins: at an epoch, within one (resumed), or not at all (resumed after the end). */
function firstAgenda(state: State): Plan[] {
  const { cursor, settings, finished } = state;
  if (finished === 'early-stop') {
    return finalAgenda(
      state,
      earlyStop('This run was stopped early before; nothing is left to train.'),
    );
  }
  if (cursor.epoch >= settings.epochs) return finalAgenda(state, allEpochs(settings.epochs));
  // Saved when a worker was lost after the last step of an epoch, before the epoch was in the books.
  if (cursor.position >= settings.dataset.trainSize) return epochEndAgenda(state);
  return cursor.position === 0 ? nextEpoch : [{ plan: 'train' }];
}

const earlyStop = (message: string): Outcome => ({
  stoppedBy: 'early-stop',
  message,
  code: null,
  hint: null,
  signal: null,
});

const allEpochs = (epochs: number): Outcome => ({
  stoppedBy: 'epochs',
  message: `Trained all ${epochs} epochs.`,
  code: null,
  hint: null,
  signal: null,
});
