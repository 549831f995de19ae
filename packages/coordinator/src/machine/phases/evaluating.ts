import { type EvaluationSplit, evaluationSlice, type Range } from '@lockstep/core/data';
import { addMetrics, type MetricSums, meansOf } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import { validationSplitOf } from '../plans.js';
import type { EvaluationPart, Member, State } from '../state.js';
import {
  andThen,
  become,
  idle,
  scopeOf,
  sendTo,
  stepDeadline,
  type Transition,
} from '../transition.js';
import { violated } from './ending.js';

/** A rank evaluates its part in pieces of so many samples, so that a deadline means progress. */
const pieceSize = 512;

/** Exact and unpadded: each sample is evaluated once, by one rank; and no split twice with the same weights. */
export function beginEvaluation(state: State, purpose: 'validation' | 'test'): Transition {
  const { members, settings, evaluations, cursor } = state;
  const split = purpose === 'test' ? 'test' : validationSplitOf(settings);
  if (evaluations[split]?.step === cursor.step) return finishEvaluation(state, purpose);
  const { testSize, validationSize } = settings.dataset;
  const size = split === 'test' ? testSize : validationSize;
  const request = state.request + 1;
  const parts = members.map((_member, rank): EvaluationPart => {
    const rest = evaluationSlice(size, rank, members.length);
    return { ...cut(rest), sums: {}, deadline: stepDeadline(state) };
  });
  const next: State = {
    ...state,
    request,
    phase: { name: 'evaluating', purpose, split, request, parts },
  };
  const asked = members.flatMap((member, rank) => askFor(next, member, split, parts[rank]!.piece));
  const told = become(next, { do: 'tell', news: { news: 'evaluating', purpose } }, ...asked);
  return parts.every((part) => part.piece === null) ? andThen(told, complete) : told;
}

export function onEvaluated(
  state: State,
  member: Member,
  { request, metrics }: Header<'evaluated'>,
): Transition {
  const { phase } = state;
  if (phase.name !== 'evaluating' || phase.request !== request) return become(state);
  const part = phase.parts[member.rank];
  if (!part || part.piece === null)
    return violated(state, member, 'evaluated what nobody asked for');
  const size = part.piece.end - part.piece.begin;
  if (metrics.loss?.count !== size) {
    return violated(state, member, `evaluated ${metrics.loss?.count} samples instead of ${size}`);
  }
  const updated: EvaluationPart = {
    ...cut(part.rest),
    sums: addMetrics(part.sums, metrics),
    deadline: stepDeadline(state),
  };
  const parts = phase.parts.map((other, rank) => (rank === member.rank ? updated : other));
  const next: State = { ...state, phase: { ...phase, parts } };
  if (parts.every(({ piece }) => piece === null)) return complete(next);
  return become(next, ...askFor(next, member, phase.split, updated.piece));
}

function complete(state: State): Transition {
  if (state.phase.name !== 'evaluating') throw new Error('no evaluation to complete');
  const { parts, purpose, split } = state.phase;
  const sums = parts.reduce<MetricSums>((total, part) => addMetrics(total, part.sums), {});
  const evaluations = { ...state.evaluations, [split]: { step: state.cursor.step, sums } };
  return finishEvaluation({ ...state, evaluations }, purpose);
}

function finishEvaluation(state: State, purpose: 'validation' | 'test'): Transition {
  const next = idle(state);
  if (purpose === 'validation') return become(next);
  return become(next, {
    do: 'tell',
    news: { news: 'tested', logs: meansOf(state.evaluations.test!.sums) },
  });
}

function cut(rest: Range): Pick<EvaluationPart, 'piece' | 'rest'> {
  if (rest.begin === rest.end) return { piece: null, rest };
  const end = Math.min(rest.begin + pieceSize, rest.end);
  return { piece: { begin: rest.begin, end }, rest: { begin: end, end: rest.end } };
}

function askFor(state: State, member: Member, split: EvaluationSplit, piece: Range | null) {
  if (piece === null) return [];
  const { request } = state;
  return [sendTo(member, { kind: 'evaluate', ...scopeOf(state), request, split, range: piece })];
}
