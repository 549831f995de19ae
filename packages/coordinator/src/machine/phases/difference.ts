import { isSharded } from '../sharding.js';
import type { Plan, State } from '../state.js';
import { become, idle, nameOf, type Transition } from '../transition.js';
import { endWith } from './ending.js';

/** How often a rank is given the weights of the others before it is held to be sick. */
const mostStrays = 1;

/**
 * Ranks that must hold the same weights do not. Most of them are believed: the others get what those have, once. Where
 * there is no majority, where it happens again, or where they were given the same weights just now, nobody knows what
 * is right, and the run ends with what each of them holds.
 *
 * @param hashes in the order of the members
 * @param given all were given the same weights just now
 */
export function onDifference(state: State, hashes: readonly string[], given: boolean): Transition {
  const warned = given ? null : warnOfStrays(state, hashes);
  if (warned === null) return endDiffering(state, hashes);
  const { held, agenda } = warned.state;
  const source: Plan[] = held === null ? [{ plan: 'fetch' }] : [];
  const next: Plan[] = [...source, { plan: 'broadcast', source: 'held' }, ...agenda];
  return become(idle({ ...warned.state, agenda: next }), ...warned.commands);
}

/** Names those that hold other weights than most, and remembers them; null: nobody knows what is right. */
export function warnOfStrays(state: State, hashes: readonly string[]): Transition | null {
  const { members, cursor } = state;
  const right = majorityOf(hashes);
  const strayed = members.filter((_member, i) => hashes[i] !== right);
  const again = strayed.some(({ strays }) => strays >= mostStrays);
  if (right === null || again || isSharded(state)) return null;
  const named = members.flatMap((member, i) =>
    strayed.includes(member) ? `${nameOf(member)} held ${short(hashes[i]!)}` : [],
  );
  const message = `After step ${cursor.step} ${named.join(', ')} other weights than most ranks (${short(right)}), and gets theirs`;
  // More than all others, so that it is none of these that is asked for its state.
  const strays = 1 + Math.max(...members.map((member) => member.strays));
  const marked = members.map((member) =>
    strayed.includes(member) ? { ...member, strays } : member,
  );
  return become({ ...state, members: marked }, { do: 'tell', news: { news: 'warning', message } });
}

/** What more than half of the ranks hold; null: there is no such thing. */
export function majorityOf(hashes: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const [most] = [...counts].filter(([, count]) => 2 * count > hashes.length);
  return most?.[0] ?? null;
}

export function endDiffering(state: State, hashes: readonly string[]): Transition {
  const { cursor, members } = state;
  const list = members.map((member, i) => `${nameOf(member)}: ${short(hashes[i]!)}`);
  return endWith(state, {
    code: 'RANKS_DIFFER',
    message: `After step ${cursor.step} the ranks hold different weights (${list.join(', ')})`,
    hint: 'Run all ranks on the same engine and version; go on from the last checkpoint with --resume.',
  });
}

const short = (hash: string): string => hash.slice(0, 16);
