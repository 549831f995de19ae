import type { Verdict } from '@lockstep/core/callbacks';
import { globalSlice, rankSlice } from '@lockstep/core/data';
import { addMetrics, meansOf } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import { stepTimes } from '../../profile/stepTimes.js';
import type { Command } from '../commands.js';
import { loggedSumsOf, sumsOf } from '../contributions.js';
import type { TensorNote } from '../events.js';
import { whyChange } from '../membership.js';
import { earlyStop } from '../outcomes.js';
import { stepDone, stepTimeoutOf } from '../pace.js';
import {
  epochEndAgenda,
  finalAgenda,
  interruptedAgenda,
  lastStepAgenda,
  savingAgenda,
  stepsAreDone,
} from '../plans.js';
import { isSharded } from '../sharding.js';
import type { Contribution, Member, Plan, State } from '../state.js';
import { andThen, become, idle, messagesOf, scopeOf, type Transition } from '../transition.js';
import { endWith, violated } from './ending.js';
import { endSick, mustStop, rollBack, sickOf, skippedNews, skipping } from './notANumber.js';

/** One rank's part of the step; the step is complete when all are here. */
export function onContribution(
  state: State,
  member: Member,
  header: Header<'contribution'>,
  tensors: TensorNote | null,
): Transition {
  const { phase, cursor, settings } = state;
  const note: Contribution = {
    samples: header.samples,
    metrics: header.metrics,
    logged: header.logged ?? null,
    gradient: tensors?.id ?? null,
    finite: header.finite ?? true,
    times: header.times ?? null,
  };
  // A rank that was told to halt may still finish its step; nobody waits for it.
  if (phase.name !== 'training') return become(withLate(state, header), ...forget(note));
  const slice = globalSlice(cursor.position, settings.dataset.trainSize, settings.batchSize);
  const own = rankSlice(slice, member.rank, state.members.length);
  const length = tensors?.lengths.gradient ?? null;
  const defect =
    header.step !== cursor.step
      ? `contributed to step ${header.step} during step ${cursor.step}`
      : phase.contributions[member.rank] !== null
        ? `contributed twice to step ${cursor.step}`
        : header.samples !== own.end - own.begin
          ? `trained ${header.samples} samples of step ${cursor.step} instead of ${own.end - own.begin}`
          : (header.logged !== undefined) !== isLogDue(state)
            ? `${header.logged ? 'logged' : 'did not log'} step ${cursor.step} against its orders`
            : length !== (state.collective === 'star' ? member.ready?.gradientLength : null)
              ? gradientDefect(state, member, length)
              : null;
  if (defect !== null) {
    return andThen(become(state, ...forget(note)), (s) => violated(s, member, defect));
  }
  const contributions = phase.contributions.map((other, rank) =>
    rank === member.rank ? note : other,
  );
  const members = state.members.map((other) =>
    other === member ? { ...member, lastStep: cursor.step } : other,
  );
  const next: State = { ...state, members, phase: { ...phase, contributions } };
  if (contributions.some((part) => part === null)) return become(next);
  const sick = sickOf(next);
  if (sick.length > 0 && mustStop(next)) return endSick(next, sick);
  const logs = meansOf(sumsOf(contributions));
  const { learningRate } = state;
  return become(next, { do: 'consult-step', step: cursor.step, logs, learningRate });
}

/** Where another rank was lost in this step, a rank that reports it has applied it. */
function withLate(state: State, { step, metrics }: Header<'contribution'>): State {
  const { failing, change, cursor, unfinished } = state;
  if ((failing === null && change === null) || step !== cursor.step) return state;
  return { ...state, unfinished: addMetrics(unfinished, metrics) };
}

function gradientDefect({ collective }: State, member: Member, length: number | null): string {
  const sent = length === null ? 'no gradient' : `a gradient of ${length} elements`;
  const due = collective === 'star' ? `one of ${member.ready?.gradientLength}` : 'none';
  return `sent ${sent} where '${collective}' needs ${due}`;
}

/** The callbacks have seen the step: average it, give it back, and go on or come to a stop. */
export function onStepVerdict(state: State, verdict: Verdict): Transition {
  const { members, settings } = state;
  if (state.phase.name !== 'training') return become(state);
  if (verdict.fail) {
    return endWith(state, {
      code: 'DIVERGED',
      message: verdict.fail.message,
      hint: 'Lower --learning-rate; the last checkpoint was written before this step.',
    });
  }
  const contributions = state.phase.contributions as readonly Contribution[];
  const sick = sickOf(state);
  if (sick.length > 0 && settings.onNaN === 'rollback') return rollBack(state, sick);
  const sums = sumsOf(contributions);
  const samples = contributions.reduce((total, part) => total + part.samples, 0);
  const cursor = {
    ...state.cursor,
    step: state.cursor.step + 1,
    position: state.cursor.position + samples,
  };
  const epochSums = addMetrics(state.epochSums, sums);
  const atEpochEnd = cursor.position >= state.settings.dataset.trainSize;
  const applied: State = {
    ...state,
    cursor,
    epochSums,
    ...skipping(state, sick),
    pace: stepDone(state),
    learningRate: verdict.learningRate ?? state.learningRate,
    restoreWeights: state.restoreWeights || verdict.restoreWeights === true,
    pending: atEpochEnd ? verdict : {},
    finished: verdict.stop && !atEpochEnd ? 'early-stop' : state.finished,
  };
  const agenda = agendaAfter(applied, verdict);
  const average = become(
    applied,
    ...messagesOf(verdict),
    ...skippedNews(state, sick),
    ...loggedNews(state, contributions),
    {
      do: 'average',
      parts: contributions.map(({ gradient, samples: weight }) => ({ gradient, samples: weight })),
      peers: members.map(({ peer }) => peer),
      header: {
        kind: 'averaged',
        ...scopeOf(state),
        step: state.cursor.step,
        proceed: agenda === null,
        epochSums,
      },
    },
    {
      do: 'tell',
      news: {
        news: 'step',
        cursor,
        samples,
        logs: meansOf(epochSums),
        times: stepTimes(contributions.map(({ times }) => times)),
      },
    },
  );
  if (agenda !== null) return become(idle({ ...applied, agenda }), ...average.commands);
  const phase = {
    name: 'training',
    contributions: members.map(() => null),
    waiting: null,
    deadline: applied.now + stepTimeoutOf(applied),
  } as const;
  return become({ ...applied, phase }, ...average.commands);
}

/** What to do at this step boundary; null: nothing, train on. */
function agendaAfter(state: State, verdict: Verdict): Plan[] | null {
  if (state.cursor.position >= state.settings.dataset.trainSize) return epochEndAgenda(state);
  if (!verdict.stop && stepsAreDone(state)) {
    const remember: Plan[] = verdict.rememberWeights
      ? [{ plan: 'fetch' }, { plan: 'remember' }]
      : [];
    return [...remember, ...lastStepAgenda(state, verdict.save === 'best')];
  }
  return stopHere(state, verdict);
}

/** What to do at this step boundary within an epoch; null: nothing, train on. */
function stopHere(state: State, verdict: Verdict): Plan[] | null {
  const remember: Plan[] = verdict.rememberWeights ? [{ plan: 'fetch' }, { plan: 'remember' }] : [];
  const save = savingAgenda(state, verdict.save === 'best');
  if (verdict.stop) {
    return [...remember, ...save, ...finalAgenda(earlyStop(verdict.stop.message))];
  }
  if (state.signal !== null) return [...remember, ...interruptedAgenda(state)];
  const mayChange = whyChange(state) !== null;
  if (isCheckpointDue(state) || verdict.save || state.overdue) {
    // Where the ranks are held up anyway, or the state is in parts, it is not taken in passing.
    const inPassing =
      !(verdict.rememberWeights || verdict.save === 'best' || state.overdue || mayChange) &&
      !isSharded(state);
    const taken: Plan[] = inPassing ? [{ plan: 'take' }] : [...remember, ...save];
    return [...taken, { plan: 'train' }];
  }
  // Between two stretches ranks learn of another learning rate, give their weights, come and go.
  const pause = verdict.rememberWeights || verdict.learningRate !== undefined || mayChange;
  return pause ? [...remember, { plan: 'train' }] : null;
}

/** By the number of steps, which the ranks know, too, or by the coordinator's clock, which they do not. */
function isCheckpointDue({ settings, cursor, now, lastSaveAt }: State): boolean {
  const { checkpointSteps, checkpointMs } = settings;
  const bySteps = checkpointSteps !== null && cursor.step % checkpointSteps === 0;
  return bySteps || (checkpointMs !== null && now - (lastSaveAt ?? now) >= checkpointMs);
}

const isLogDue = ({ settings: { logEvery }, cursor }: State): boolean =>
  logEvery !== null && cursor.step % logEvery === 0;

/** What the ranks measured of the batch before they trained it. */
function loggedNews(state: State, contributions: readonly Contribution[]): Command[] {
  if (!isLogDue(state)) return [];
  const logs = meansOf(loggedSumsOf(contributions));
  return [{ do: 'tell', news: { news: 'logged', step: state.cursor.step, logs } }];
}

const forget = ({ gradient }: Contribution) =>
  gradient === null ? [] : ([{ do: 'forget', id: gradient }] as const);
