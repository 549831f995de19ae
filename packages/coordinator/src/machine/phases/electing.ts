import { isAmongThemselves } from '../membership.js';
import type { State } from '../state.js';
import { become, comparing, scopeOf, sendToAll, type Transition } from '../transition.js';
import { endDiffering, majorityOf, warnOfStrays } from './difference.js';
import { fetchState } from './fetching.js';

/*
 * The state that a new membership begins with is given to all of its ranks: if it came from one that is sick, nobody could
 * tell any more. So the ranks say first which weights they hold, and one of most of them is asked for its state.
 */

/** Asks all ranks for their hash, where that can tell anything, and then one of them for its state. */
export function fetchFromMost(state: State): Transition {
  const { members, heldBy, weightsSha256 } = state;
  const fewest = mayDiffer(state) ? 3 : 2;
  // Before the first state was given to all, each has its own.
  const hadOne = weightsSha256 !== null && heldBy === null;
  if (!hadOne || members.length < fewest) return fetchState(state);
  const request = state.request + 1;
  return become(
    comparing(state, { request, isForChange: true }),
    ...sendToAll(state, { kind: 'send-hash', ...scopeOf(state), request }),
  );
}

/** All ranks have said what they hold. */
export function onElection(state: State, hashes: readonly string[]): Transition {
  if (new Set(hashes).size === 1) return fetchState(state);
  if (mayDiffer(state)) {
    const most = majorityOf(hashes);
    return fetchState(state, most === null ? undefined : state.members[hashes.indexOf(most)]);
  }
  const warned = warnOfStrays(state, hashes);
  if (warned === null) return endDiffering(state, hashes);
  const next = fetchState(warned.state);
  return become(next.state, ...warned.commands, ...next.commands);
}

/** Some of those that are left may have applied the step in which one was lost, and others not. */
const mayDiffer = (state: State): boolean => state.torn !== null && isAmongThemselves(state);
