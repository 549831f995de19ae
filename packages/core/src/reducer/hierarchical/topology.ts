import { LockstepError } from '../../errors.js';
import { partition } from '../partition.js';

/** Where a rank stands among the hosts. */
export interface Topology {
  /** This rank's host, counted from the first rank's. */
  readonly host: number;
  /** The ranks of this rank's host, the leader first. */
  readonly locals: readonly number[];
  /** By host: its first rank, which speaks for it. */
  readonly leaders: readonly number[];
  /** Where the parts of the hosts begin in the flat array, and the last one ends. */
  readonly bounds: readonly number[];
}

/**
 * Says which ranks go together: a host's ranks share memory, the first ones of the hosts make a ring. A host's part of
 * the flat array is that of its ranks, one after the other.
 *
 * @param hosts by rank; the ranks of a host are next to each other
 * @param length of the flat array
 */
export function topologyOf(hosts: readonly string[], rank: number, length: number): Topology {
  const leaders = hosts.flatMap((host, each) => (host === hosts[each - 1] ? [] : [each]));
  if (new Set(hosts).size !== leaders.length || hosts[rank] === undefined) {
    throw new LockstepError('INTERNAL', 'the ranks of a host do not stand next to each other', {
      hint: 'Give ranks by host.',
    });
  }
  const parts = partition(length, hosts.length);
  const locals = hosts.flatMap((host, each) => (host === hosts[rank] ? [each] : []));
  return {
    host: leaders.indexOf(locals[0]!),
    locals,
    leaders,
    bounds: [...leaders.map((leader) => parts[leader]!.begin), length],
  };
}
