import { learningRateAt, type RateScaling, unscaled } from '@lockstep/core';
import { stepCount } from '@lockstep/core/data';
import type { Command } from '../commands.js';
import { everybody, whyChange } from '../membership.js';
import { beginStretch } from '../pace.js';
import {
  epochEndAgenda,
  epochLogs,
  interruptedAgenda,
  lastStepAgenda,
  savingAgenda,
  stepsAreDone,
} from '../plans.js';
import { awaitReports, reportingOf } from '../reports.js';
import { snapshotOf } from '../snapshot.js';
import type { CallbackHook, Outcome, Plan, State } from '../state.js';
import {
  andThen,
  become,
  boundaryDeadline,
  comparing,
  scopeOf,
  sendToAll,
  type Transition,
  untilSaved,
  updatesOf,
} from '../transition.js';
import { beginEvaluation } from './evaluating.js';
import { fetchState } from './fetching.js';
import { beginLinking } from './linking.js';
import { changeMembership } from './regrouping.js';
import { beginReload } from './reloading.js';
import { takeCheckpoint } from './taking.js';

/** Takes plans of this step boundary, one after another, until one has to wait for an answer. */
export function advance(state: State): Transition {
  if (state.phase.name !== 'idle') return become(state);
  if (state.change !== null && state.agenda[0]?.plan !== 'reload')
    return andThen(changeMembership(state), advance);
  const [plan, ...agenda] = state.agenda;
  if (plan === undefined) throw new Error(`nothing left to do in phase ${state.phase.name}`);
  return andThen(begin({ ...state, agenda, doing: plan }, plan), advance);
}

function begin(state: State, plan: Plan): Transition {
  switch (plan.plan) {
    case 'link':
      return beginLinking(state);
    case 'fetch':
      return fetchState(state);
    case 'broadcast':
      return broadcast(state, plan.source);
    case 'check-hashes': {
      const request = state.request + 1;
      return become(
        comparing(state, { request }),
        ...sendToAll(state, { kind: 'send-hash', ...scopeOf(state), request }),
      );
    }
    case 'callbacks':
      return consult(state, plan.hook);
    case 'remember':
      return remember(state);
    case 'take':
      return state.saving === null ? takeCheckpoint(state) : afterSaving(state, plan);
    case 'save':
      return save(state, plan);
    case 'evaluate':
      return beginEvaluation(state, plan.purpose);
    case 'train':
      return train(state);
    case 'reload':
      return state.saving === null ? beginReload(state, 'DIVERGED') : afterSaving(state, plan);
    case 'finish':
      return finish(state, plan.outcome);
  }
}

function broadcast(state: State, source: 'held' | 'remembered'): Transition {
  const id = source === 'held' ? state.held : state.remembered;
  if (id === null) throw new Error(`no ${source} state to broadcast`);
  const request = state.request + 1;
  const commands = state.members.map(
    (member): Command => ({
      do: 'send',
      peer: member.peer,
      header: {
        kind: 'load-state',
        ...scopeOf(state),
        request,
        step: state.cursor.step,
        iterations: updatesOf(state),
      },
      tensors: { id, part: source === 'held' ? 'all' : 'weights' },
    }),
  );
  const next = comparing(state, { request, given: true });
  // Weights put back differ from those of this step: neither the held state nor its test count any more.
  if (source === 'held') return become(next, ...commands);
  const forgotten = letGo(next);
  return become({ ...forgotten.state, evaluations: {} }, ...commands, ...forgotten.commands);
}

function consult(state: State, hook: CallbackHook): Transition {
  return become(
    { ...state, phase: { name: 'consulting', hook, deadline: boundaryDeadline(state) } },
    {
      do: 'consult',
      hook,
      epoch: state.cursor.epoch,
      logs: hook === 'epoch-end' ? epochLogs(state) : {},
      learningRate: state.learningRate,
    },
  );
}

/** The held weights take the place of those that were remembered before. */
function remember(state: State): Transition {
  const { held, remembered } = state;
  const commands: Command[] =
    remembered === null || remembered === held ? [] : [{ do: 'forget', id: remembered }];
  return become({ ...state, remembered: held }, ...commands);
}

/** Comes back to a plan once the checkpoint that is under way is written. */
const afterSaving = (state: State, plan: Plan): Transition =>
  become(untilSaved({ ...state, agenda: [plan, ...state.agenda] }));

/** Hands the held state to the disk, and goes on: training does not wait until it is written. */
function save(state: State, plan: Extract<Plan, { plan: 'save' }>): Transition {
  if (state.held === null) throw new Error('no state to save');
  if (state.saving !== null) return afterSaving(state, plan);
  const { best, finished } = plan;
  return become(
    {
      ...state,
      saving: { step: state.cursor.step, deadline: boundaryDeadline(state), taking: null },
      lastSaveAt: state.now,
      overdue: false,
      backOff: 1,
    },
    { do: 'capture', remembered: state.remembered },
    { do: 'save', best, snapshot: { held: state.held, ...snapshotOf(state, finished) } },
  );
}

/**
 * Trains on from the cursor, unless the user asked to stop: then what is left is to save. Who has come since, or wants
 * to leave, does so first.
 */
function train(state: State): Transition {
  if (state.signal !== null) return become({ ...state, agenda: interruptedAgenda(state) });
  const change = whyChange(state);
  if (change !== null) return become({ ...state, change, agenda: [{ plan: 'train' }] });
  if (state.overdue)
    return become({ ...state, agenda: [...savingAgenda(state), { plan: 'train' }] });
  // The step in which a rank was lost was the last one of its epoch, or of all, and was applied.
  if (state.cursor.position >= state.settings.dataset.trainSize) {
    return become({ ...state, agenda: epochEndAgenda(state) });
  }
  if (stepsAreDone(state)) return become({ ...state, agenda: lastStepAgenda(state, false) });
  const forgotten = letGo(state);
  const { cursor, learningRate } = state;
  const scaling = scalingOf(state);
  const reporting = reportingOf(state);
  const begun: State = {
    ...forgotten.state,
    pace: beginStretch(state),
    lastSaveAt: state.lastSaveAt ?? state.now,
  };
  return become(
    awaitReports(begun, reporting),
    ...forgotten.commands,
    {
      do: 'tell',
      news: {
        news: 'training',
        cursor,
        learningRate: learningRateAt(learningRate, scaling, cursor.step),
      },
    },
    ...sendToAll(state, {
      kind: 'train',
      ...scopeOf(state),
      ...cursor,
      epochSums: state.epochSums,
      learningRate,
      scaling,
      until: reporting.until,
      reportEvery: reporting.every,
    }),
  );
}

/** The rate grows with the number of ranks, where that was asked for. */
function scalingOf({ settings, worldSize }: State): RateScaling {
  const { scaleLearningRate, warmUpEpochs, dataset, batchSize } = settings;
  if (!scaleLearningRate) return unscaled;
  const warmUpSteps = warmUpEpochs * stepCount(dataset.trainSize, batchSize);
  return { factor: worldSize, warmUpSteps };
}

/** Training changes the weights: the held state is of the past, unless it is also the remembered one. */
function letGo(state: State): Transition {
  const { held, remembered } = state;
  if (held === null) return become(state);
  const commands: Command[] = held === remembered ? [] : [{ do: 'forget', id: held }];
  return become({ ...state, held: null }, ...commands);
}

/** Tells every worker that it is over, and ends, with the last checkpoint on the disk. */
function finish(state: State, outcome: Outcome): Transition {
  if (state.saving !== null) return afterSaving(state, { plan: 'finish', outcome });
  const { code, message } = outcome;
  const all = { ...state, members: everybody(state) };
  return andThen(
    become(state, ...sendToAll(all, { kind: 'stop', ...scopeOf(state), code, message })),
    (last) => become({ ...last, phase: { name: 'ended', outcome } }, { do: 'end', outcome }),
  );
}
