import { type EvaluationSplit, evaluationSlice, type Range } from '@lockstep/core/data';
import { addMetrics, type MetricSums, meansOf } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import type { Command } from '../commands.js';
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
  const parts = members.map((_member, rank) =>
    nextOf(state, evaluationSlice(size, rank, members.length), {}, request),
  );
  const next: State = { ...state, request, phase: { name: 'evaluating', purpose, split, parts } };
  const asked = members.flatMap((member, rank) => askFor(next, member, split, parts[rank]!));
  const told = become(next, { do: 'tell', news: { news: 'evaluating', purpose } }, ...asked);
  return parts.every((part) => part.piece === null) ? andThen(told, complete) : told;
}

export function onEvaluated(
  state: State,
  member: Member,
  { request, metrics }: Header<'evaluated'>,
): Transition {
  const { phase } = state;
  const part = phase.name === 'evaluating' ? phase.parts[member.rank] : undefined;
  // Each of its pieces has another number: what is said twice counts once.
  if (phase.name !== 'evaluating' || !part || part.piece === null || part.request !== request) {
    return become(state);
  }
  const size = part.piece.end - part.piece.begin;
  if (metrics.loss?.count !== size) {
    return violated(state, member, `evaluated ${metrics.loss?.count} samples instead of ${size}`);
  }
  const sums = addMetrics(part.sums, metrics);
  const isLast = part.rest.begin === part.rest.end;
  const updated = nextOf(state, part.rest, sums, isLast ? state.request : state.request + 1);
  const parts = phase.parts.map((other, rank) => (rank === member.rank ? updated : other));
  const next: State = { ...state, request: updated.request, phase: { ...phase, parts } };
  if (parts.every(({ piece }) => piece === null)) return complete(next);
  return become(next, ...askFor(next, member, phase.split, updated));
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

/** What this rank is to do next of what is left for it. */
function nextOf(state: State, rest: Range, sums: MetricSums, request: number): EvaluationPart {
  return { ...cut(rest), sums, request, deadline: stepDeadline(state) };
}

function cut(rest: Range): Pick<EvaluationPart, 'piece' | 'rest'> {
  if (rest.begin === rest.end) return { piece: null, rest };
  const end = Math.min(rest.begin + pieceSize, rest.end);
  return { piece: { begin: rest.begin, end }, rest: { begin: end, end: rest.end } };
}

function askFor(
  state: State,
  member: Member,
  split: EvaluationSplit,
  { piece, request }: EvaluationPart,
): Command[] {
  if (piece === null) return [];
  return [sendTo(member, { kind: 'evaluate', ...scopeOf(state), request, split, range: piece })];
}
