import type { AllReduceName, ErrorCode } from '@lockstep/core';
import { allReduceNames } from '@lockstep/core';
import type { Member, Settings } from './state.js';
import { nameOf } from './transition.js';

/** Why the ranks of a run cannot average in some way. */
export interface Unfit {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * The algorithms that are worth a try, in the order of preference: those that the user allows and that the
 * ranks, as they introduced themselves, are placed for. Whether they work is found out by trying.
 *
 * @param members two or more, by rank
 */
export function candidatesOf(
  settings: Settings,
  members: readonly Member[],
): { readonly names: readonly AllReduceName[]; readonly unfit: Unfit | null } {
  const { allReduce } = settings;
  if (allReduce !== 'auto') {
    const unfit = whyUnfit(allReduce, settings, members);
    return { names: unfit === null ? [allReduce] : [], unfit };
  }
  const names = allReduceNames.filter(
    (name) =>
      whyUnfit(name, settings, members) === null &&
      // Where it would do the same as shared memory, or as the ring, it need not be tried.
      (name !== 'hierarchical' || isMixed(members)),
  );
  // The star needs nothing but the coordinator: what rules it out is what the user can change.
  const unfit = names.length > 0 ? null : whyUnfit('star', settings, members);
  return { names, unfit };
}

function whyUnfit(
  name: AllReduceName,
  { compression, shardOptimizer }: Settings,
  members: readonly Member[],
): Unfit | null {
  switch (name) {
    case 'star':
      if (compression !== 'none') return starIsPlain(`--compression ${compression}`);
      return shardOptimizer ? starIsPlain('--shard-optimizer') : null;
    case 'shared-memory':
      return hostsOf(members).length === 1 ? null : apart(members);
    case 'ring':
    case 'hierarchical':
      return unreachable(name, members);
  }
}

/** What may be wrong where ranks on several hosts did not reach each other. */
export function loopbackAmong(members: readonly Member[]): string | null {
  if (hostsOf(members).length === 1) return null;
  const local = members.find(({ ready }) =>
    /^tcp:\/\/(127\.|\[::1\]|localhost:)/.test(ready?.peer?.address ?? ''),
  );
  if (local === undefined) return null;
  const { address } = local.ready!.peer!;
  return `Other machines cannot reach ${nameOf(local)} at ${address}: connect it by the coordinator's name in the network, or give it --peer-address.`;
}

/** Each host once, as its ranks identify it. */
export const hostsOf = (members: readonly Member[]): string[] => [
  ...new Set(members.map(({ ready, host }) => ready?.peer?.host ?? `${host} (unknown)`)),
];

/** More than one host, and more than one rank on one of them. */
function isMixed(members: readonly Member[]): boolean {
  const hosts = hostsOf(members).length;
  return hosts > 1 && hosts < members.length;
}

const starIsPlain = (flag: string): Unfit => ({
  code: 'USAGE',
  message: `${flag} is for ranks that add up among themselves, and these cannot`,
  hint: `Leave out ${flag}, or let the ranks reach each other: see their logs.`,
});

const apart = (members: readonly Member[]): Unfit => ({
  code: 'SHARED_MEMORY',
  message: `--all-reduce shared-memory is for ranks on one host, and these are on ${hostsOf(members).length}: ${[...new Set(members.map(({ host }) => host))].join(', ')}`,
  hint: 'Use --all-reduce hierarchical, or auto. Containers share memory where they share /dev/shm.',
});

function unreachable(name: AllReduceName, members: readonly Member[]): Unfit | null {
  const [missing] = members.filter(({ ready }) => (ready?.peer?.address ?? null) === null);
  if (missing === undefined) return null;
  return {
    code: 'WORKER_LOST',
    message: `--all-reduce ${name} needs ranks that can reach each other, and ${nameOf(missing)} has no address for others`,
    hint: 'See its log, and give it an address with lockstep worker --peer-address HOST:PORT.',
  };
}
