import { isSharded } from '../sharding.js';
import type { Member, Plan, State } from '../state.js';
import { become, idle, nameOf, type Transition } from '../transition.js';
import { endWith } from './ending.js';

/** How often a rank is given the weights of the others before it is held to be sick. */
const mostStrays = 1;

/**
 * Ranks that must hold the same weights do not. Most of them are believed: the others get what those have, once. Where
 * there is no majority, where it happens again, or where they were given the same weights just now, nobody knows what
 * is right, and the run ends with what each of them holds.
 *
 * @param hashes by rank
 * @param given all were given the same weights just now
 */
export function onDifference(state: State, hashes: readonly string[], given: boolean): Transition {
  const { members, cursor, held, agenda } = state;
  const right = majorityOf(hashes);
  const strayed = members.filter(({ rank }) => hashes[rank] !== right);
  const again = strayed.some(({ strays }) => strays >= mostStrays);
  if (right === null || given || again || isSharded(state)) return endDiffering(state, hashes);
  const source: Plan[] = held === null ? [{ plan: 'fetch' }] : [];
  const message = `After step ${cursor.step} ${named(strayed, hashes)} other weights than most ranks (${short(right)}), and gets theirs`;
  return become(
    idle({
      ...state,
      members: members.map((member) =>
        strayed.includes(member) ? { ...member, strays: member.strays + 1 } : member,
      ),
      agenda: [...source, { plan: 'broadcast', source: 'held' }, ...agenda],
    }),
    { do: 'tell', news: { news: 'warning', message } },
  );
}

/** What more than half of the ranks hold; null: there is no such thing. */
function majorityOf(hashes: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const [most] = [...counts].filter(([, count]) => 2 * count > hashes.length);
  return most?.[0] ?? null;
}

const named = (strayed: readonly Member[], hashes: readonly string[]): string =>
  strayed.map((member) => `${nameOf(member)} held ${short(hashes[member.rank]!)}`).join(', ');

function endDiffering(state: State, hashes: readonly string[]): Transition {
  const { cursor, members } = state;
  const list = members.map((member) => `${nameOf(member)}: ${short(hashes[member.rank]!)}`);
  return endWith(state, {
    code: 'RANKS_DIFFER',
    message: `After step ${cursor.step} the ranks hold different weights (${list.join(', ')})`,
    hint: 'Run all ranks on the same engine and version; go on from the last checkpoint with --resume.',
  });
}

const short = (hash: string): string => hash.slice(0, 16);
