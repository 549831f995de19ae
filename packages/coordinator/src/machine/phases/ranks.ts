import { noPace } from '../pace.js';
import type { Member, State } from '../state.js';
import { become, scopeOf, sendTo, type Transition } from '../transition.js';

/** Gives ranks to these members and introduces them to each other; they all stand at the cursor. */
export function assignRanks(state: State, given: readonly Member[]): Transition {
  const members = inRankOrder(given).map((member, rank) => ({
    ...member,
    rank,
    lastStep: state.cursor.step,
  }));
  const worldSize = members.length;
  const parameters = members[0]?.ready?.parameters ?? [];
  const assigned = members.map((member) =>
    sendTo(member, {
      kind: 'assign',
      ...scopeOf(state),
      rank: member.rank,
      worldSize,
      peers: members.map(({ ready }) => ready?.peer ?? null),
      channel: channelOf(state),
    }),
  );
  return become({ ...state, members, worldSize, parameters, pace: noPace }, ...assigned);
}

/** What one membership says is not heard by the next one. */
const channelOf = ({ channel, generation }: State): string =>
  generation === 1 ? channel : `${channel}-${generation}`;

/** By slot, and then those of one host together, in the order of the first of each host. */
function inRankOrder(members: readonly Member[]): Member[] {
  const bySlot = (member: Member): number => member.slot ?? Number.POSITIVE_INFINITY;
  const ordered = [...members].sort((a, b) =>
    bySlot(a) === bySlot(b) ? 0 : bySlot(a) - bySlot(b),
  );
  const hosts = new Map<string, Member[]>();
  for (const member of ordered) {
    const host = member.ready?.peer?.host ?? member.host;
    hosts.set(host, [...(hosts.get(host) ?? []), member]);
  }
  return [...hosts.values()].flat();
}
