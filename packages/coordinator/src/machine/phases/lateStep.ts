import type { Header } from '@lockstep/core/protocol';
import { isAmongThemselves } from '../membership.js';
import type { Member, State } from '../state.js';
import { become, type Transition } from '../transition.js';

/** How many pings a rank that is late is given to say that it only waits for another one. */
const pingsOfGrace = 2;

/**
 * The deadline of the step has passed. Where ranks add up among themselves, one that is stuck holds up all
 * others: it is the late one, and those that wait for it are not. Who waits says so in its next answer to a
 * ping; who is stuck, or gone, says nothing.
 */
export function onLateStep(state: State, lose: (late: Member[]) => Transition): Transition {
  const { phase, members, settings, now } = state;
  if (phase.name !== 'training') return become(state);
  const { contributions, waiting } = phase;
  const missing = members.filter(({ rank }) => contributions[rank]?.length === 0);
  if (waiting === null && isAmongThemselves(state) && missing.length > 1) {
    const deadline = now + pingsOfGrace * settings.pingIntervalMs;
    return become({ ...state, phase: { ...phase, waiting: [], deadline } });
  }
  const late = missing.filter(({ rank }) => !waiting?.includes(rank));
  return lose(late.length > 0 ? late : missing);
}

/** A rank that is late may say whom it waits for itself. */
export function onPong(state: State, { rank }: Member, { waitingFor }: Header<'pong'>): Transition {
  const { phase } = state;
  if (phase.name !== 'training' || phase.waiting === null) return become(state);
  const others = phase.waiting.filter((other) => other !== rank);
  return become({
    ...state,
    phase: { ...phase, waiting: waitingFor.length > 0 ? [...others, rank] : others },
  });
}
