import type { Verdict } from '@lockstep/core/callbacks';
import { globalSlice, rankSlice } from '@lockstep/core/data';
import { addMetrics, meansOf } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import { stepTimes } from '../../profile/stepTimes.js';
import type { Command } from '../commands.js';
import { loggedSumsOf, partsOfStep, reportedIn, sumsOf, unfinishedIn } from '../contributions.js';
import type { TensorNote } from '../events.js';
import { whyChange } from '../membership.js';
import { earlyStop } from '../outcomes.js';
import { stepsDone } from '../pace.js';
import {
  epochEndAgenda,
  finalAgenda,
  interruptedAgenda,
  lastStepAgenda,
  savingAgenda,
  stepsAreDone,
} from '../plans.js';
import { awaitReports, isReport, stepsInReport, stopAfter } from '../reports.js';
import { isSharded } from '../sharding.js';
import type { Contribution, Member, Plan, Settings, State } from '../state.js';
import { andThen, become, idle, messagesOf, scopeOf, type Transition } from '../transition.js';
import { endWith, violated } from './ending.js';
import { endSick, mustStop, rollBack, sickOf, skippedNews, skipping } from './notANumber.js';

/** One rank's parts of some steps; a step is complete when those of all ranks are here. */
export function onContribution(
  state: State,
  member: Member,
  header: Header<'contribution'>,
  tensors: TensorNote | null,
): Transition {
  const { phase } = state;
  const reported = reportedIn(header, tensors);
  // A rank that was told to halt may still finish its step; nobody waits for it.
  if (phase.name !== 'training') return become(withLate(state, reported), ...forget(reported));
  const { contributions, reporting } = phase;
  const earlier = contributions[member.rank]!;
  const [first] = reported;
  const length = tensors?.lengths.gradient ?? null;
  const defect =
    earlier.length > 0
      ? `contributed twice to step ${state.cursor.step}`
      : first!.step !== state.cursor.step
        ? `contributed to step ${first!.step} during step ${state.cursor.step}`
        : !isReport(reporting, header.step)
          ? `reported up to step ${header.step} against its orders`
          : length !== (state.collective === 'star' ? member.ready?.gradientLength : null)
            ? gradientDefect(state, member, length)
            : partDefect(state, member, reported);
  if (defect !== null) {
    return andThen(become(state, ...forget(reported)), (s) => violated(s, member, defect));
  }
  const next: State = {
    ...state,
    members: state.members.map((other) =>
      other === member ? { ...member, lastStep: header.step } : other,
    ),
    phase: { ...phase, contributions: contributions.with(member.rank, reported) },
  };
  return completeStep(next);
}

/** What is wrong with a part of those that a rank has reported; null: nothing is. */
function partDefect(
  { cursor, settings, members }: State,
  { rank }: Member,
  reported: readonly Contribution[],
): string | null {
  const { trainSize } = settings.dataset;
  let { position } = cursor;
  for (const { step, samples, logged } of reported) {
    if (position >= trainSize) return `reported step ${step}, which is beyond the epoch`;
    const slice = globalSlice(position, trainSize, settings.batchSize);
    const own = rankSlice(slice, rank, members.length);
    if (samples !== own.end - own.begin)
      return `trained ${samples} samples of step ${step} instead of ${own.end - own.begin}`;
    if ((logged !== null) !== isLogDue(settings, step))
      return `${logged ? 'logged' : 'did not log'} step ${step} against its orders`;
    position = slice.end;
  }
  return null;
}

/** Asks the callbacks about the step of the cursor, once all ranks have reported it. */
function completeStep(state: State): Transition {
  const parts = partsOfStep(state);
  if (parts === null) return become(state);
  const sick = sickOf(state, parts);
  if (sick.length > 0 && mustStop(state)) return endSick(state, sick);
  const logs = meansOf(sumsOf(parts));
  const { cursor, learningRate } = state;
  return become(state, { do: 'consult-step', step: cursor.step, logs, learningRate });
}

/** Where another rank was lost in these steps, a rank that reports them has applied them. */
function withLate(state: State, reported: readonly Contribution[]): State {
  const { torn, cursor } = state;
  if (torn === null) return state;
  const late = unfinishedIn(reported.filter(({ step }) => step >= cursor.step));
  return { ...state, torn: { ...torn, unfinished: [...torn.unfinished, ...late] } };
}

function gradientDefect({ collective }: State, member: Member, length: number | null): string {
  const sent = length === null ? 'no gradient' : `a gradient of ${length} elements`;
  const due = collective === 'star' ? `one of ${member.ready?.gradientLength}` : 'none';
  return `sent ${sent} where '${collective}' needs ${due}`;
}

/** The callbacks have seen the step: average it, give it back, and go on or come to a stop. */
export function onStepVerdict(state: State, verdict: Verdict): Transition {
  const { settings } = state;
  if (state.phase.name !== 'training') return become(state);
  if (verdict.fail) {
    return endWith(state, {
      code: 'DIVERGED',
      message: verdict.fail.message,
      hint: 'Lower --learning-rate; the last checkpoint was written before this step.',
    });
  }
  const parts = partsOfStep(state);
  if (parts === null) throw new Error(`step ${state.cursor.step} is not complete`);
  const sick = sickOf(state, parts);
  if (sick.length > 0 && settings.onNaN === 'rollback') return rollBack(state, sick);
  const sums = sumsOf(parts);
  const samples = parts.reduce((total, part) => total + part.samples, 0);
  const cursor = {
    ...state.cursor,
    step: state.cursor.step + 1,
    position: state.cursor.position + samples,
  };
  const epochSums = addMetrics(state.epochSums, sums);
  const atEpochEnd = cursor.position >= state.settings.dataset.trainSize;
  const { phase } = state;
  const contributions = phase.contributions.map(([_done, ...rest]) => rest);
  const applied: State = {
    ...state,
    phase: { ...phase, contributions },
    cursor,
    epochSums,
    ...skipping(state, sick),
    learningRate: verdict.learningRate ?? state.learningRate,
    restoreWeights: state.restoreWeights || verdict.restoreWeights === true,
    pending: atEpochEnd ? verdict : {},
    finished: verdict.stop && !atEpochEnd ? 'early-stop' : state.finished,
  };
  const said = [...messagesOf(verdict), ...skippedNews(state, sick), ...loggedNews(state, parts)];
  const logs = meansOf(epochSums);
  const times = stepTimes(parts.map((part) => part.times));
  const done = { do: 'tell', news: { news: 'step', cursor, samples, logs, times } } as const;
  if (!isReport(phase.reporting, state.cursor.step))
    return andThen(become(applied, ...said, done), completeStep);
  const answered = answer(applied, parts, verdict);
  return become(answered.state, ...said, ...answered.commands, done);
}

/** All have reported up to the cursor: tells them to go on, or to stop here or a little later. */
function answer(state: State, parts: readonly Contribution[], verdict: Verdict): Transition {
  if (state.phase.name !== 'training') throw new Error('nobody trains');
  const { members, cursor, epochSums } = state;
  const { reporting } = state.phase;
  const agenda = agendaAfter(state, verdict);
  const stopped = cursor.step === reporting.until;
  const until =
    agenda === null || stopped ? reporting.until : stopAfter(state, reporting, cursor.step);
  const average: Command = {
    do: 'average',
    parts: parts.map(({ gradient, samples }) => ({ gradient, samples })),
    peers: members.map(({ peer }) => peer),
    header: {
      kind: 'averaged',
      ...scopeOf(state),
      step: cursor.step - 1,
      proceed: agenda === null && !stopped,
      epochSums,
    },
  };
  const told: State = { ...state, pace: stepsDone(state, stepsInReport(reporting, cursor.step)) };
  // Where there is nothing to do, the ranks hear how often to report from here on.
  if (until === cursor.step)
    return become(idle({ ...told, agenda: agenda ?? [{ plan: 'train' }] }), average);
  return become(awaitReports(told, { ...reporting, until }), average);
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

const isLogDue = ({ logEvery }: Settings, step: number): boolean =>
  logEvery !== null && step % logEvery === 0;

/** What the ranks measured of the batch before they trained it. */
function loggedNews(
  { settings, cursor: { step } }: State,
  parts: readonly Contribution[],
): Command[] {
  if (!isLogDue(settings, step)) return [];
  const logs = meansOf(loggedSumsOf(parts));
  return [{ do: 'tell', news: { news: 'logged', step, logs } }];
}

const forget = (parts: readonly Contribution[]): Command[] =>
  parts.flatMap(({ gradient }) => (gradient === null ? [] : [{ do: 'forget', id: gradient }]));
