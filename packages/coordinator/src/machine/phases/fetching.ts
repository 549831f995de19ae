import { addMetrics } from '@lockstep/core/metrics';
import type { Header } from '@lockstep/core/protocol';
import type { TensorNote } from '../events.js';
import { isAmongThemselves } from '../membership.js';
import { isSharded, slotLength } from '../sharding.js';
import type { Member, State } from '../state.js';
import {
  andThen,
  become,
  idle,
  scopeOf,
  sendTo,
  stepDeadline,
  type Transition,
  updatesOf,
} from '../transition.js';
import { violated } from './ending.js';

/**
 * Asks the first of those that never strayed for its state, and the others for their parts of the optimizer where it is in parts; unless
 * the state of this step is held already.
 */
export function fetchState(state: State, from?: Member): Transition {
  // Then there may be nobody left to ask.
  if (state.held !== null) return become(state);
  const request = state.request + 1;
  const asked = isSharded(state) ? state.members : [from ?? theOneToAsk(state)];
  const parts = asked.map(() => null);
  const peers = asked.map(({ peer }) => peer);
  return become(
    {
      ...state,
      request,
      phase: { name: 'fetching', request, asked: peers, parts, deadline: stepDeadline(state) },
    },
    ...asked.map((member, i) =>
      sendTo(member, { kind: 'send-state', ...scopeOf(state), request, weights: i === 0 }),
    ),
  );
}

/** The one that has the state, where the others have not; else the first of those that strayed least. */
export const theOneToAsk = ({ members, heldBy }: State): Member =>
  members.find(({ peer }) => peer === heldBy) ??
  members.reduce((best, member) => (member.strays < best.strays ? member : best));

/** Weights and optimizer state have arrived, or a part of them. */
export function onState(
  before: State,
  member: Member,
  { request, iterations }: Header<'state'>,
  tensors: TensorNote | null,
): Transition {
  const forget = tensors === null ? [] : [{ do: 'forget', id: tensors.id } as const];
  const { phase } = before;
  if (phase.name !== 'fetching' || phase.request !== request) return become(before, ...forget);
  const ahead = iterations - updatesOf(before);
  const state = ahead > 0 && ahead <= mostAhead(before) ? stepsAhead(before, ahead) : before;
  const { cursor } = state;
  const at = phase.asked.indexOf(member.peer);
  const defect =
    phase.parts[at] !== null
      ? 'sent a state that nobody asked for'
      : iterations !== updatesOf(state)
        ? `holds the weights of step ${iterations + state.skipped}, not of step ${cursor.step}`
        : defectOf(state, member, at === 0, tensors?.lengths ?? {});
  if (defect !== null) {
    return andThen(become(state, ...forget), (next) => violated(next, member, defect));
  }
  // A part without anything in it: an optimizer without state has no slots, and the weights are the first rank's.
  const parts = phase.parts.map((id, i) => (i === at ? (tensors?.id ?? nothing) : id));
  if (parts.some((id) => id === null)) return become({ ...state, phase: { ...phase, parts } });
  const whole = parts.filter((id) => id !== null && id !== nothing) as string[];
  if (whole.length === 1) return become(idle({ ...state, held: whole[0]!, heldBy: null }));
  const held = `state-${request}`;
  return become(idle({ ...state, held, heldBy: null }), { do: 'assemble', parts: whole, id: held });
}

/**
 * Ranks that add up among themselves apply steps before they know that all have them. When one is lost in such a step,
 * those that are left may have applied it or not.
 */
const mostAhead = ({ torn, collective }: State): number =>
  isAmongThemselves({ collective }) ? (torn?.ahead ?? 0) : 0;

/** The steps in which a rank was lost count, as far as one that is left has applied them. */
function stepsAhead(state: State, count: number): State {
  const { cursor, settings, epochSums, torn } = state;
  const { trainSize } = settings.dataset;
  const step = cursor.step + count;
  const applied = (torn?.unfinished ?? []).filter((part) => part.step < step);
  return {
    ...state,
    cursor: {
      ...cursor,
      step,
      position: Math.min(cursor.position + count * settings.batchSize, trainSize),
    },
    epochSums: applied.reduce((total, { sums }) => addMetrics(total, sums), epochSums),
    torn: { ahead: 0, unfinished: [] },
  };
}

/** In place of an id, where a rank had nothing to send. */
const nothing = '';

/** What is wrong with the tensors of a state; null: nothing is. */
export function defectOf(
  state: State,
  { ready, rank }: Member,
  first: boolean,
  lengths: Readonly<Record<string, number>>,
): string | null {
  const { weights, ...slots } = lengths;
  const due = first ? ready?.parameterCount : undefined;
  if (weights !== due) return `sent ${weights ?? 0} weights instead of ${due ?? 0}`;
  const own = slotLength(state, rank, ready?.gradientLength ?? 0);
  const [wrong] = Object.entries(slots).filter(([, length]) => length !== own);
  return wrong === undefined ? null : `sent ${wrong[1]} elements of ${wrong[0]} instead of ${own}`;
}
