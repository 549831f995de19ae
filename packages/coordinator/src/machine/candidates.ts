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
  const [reason] = allReduceNames.flatMap((name) => whyUnfit(name, settings, members) ?? []);
  return { names, unfit: names.length > 0 ? null : (reason ?? null) };
}

function whyUnfit(
  name: AllReduceName,
  { compression }: Settings,
  members: readonly Member[],
): Unfit | null {
  switch (name) {
    case 'star':
      return compression === 'none' ? null : starIsPlain(compression);
    case 'shared-memory':
      return hostsOf(members).length === 1 ? null : apart(members);
    case 'ring':
    case 'hierarchical':
      return unreachable(name, members);
  }
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

const starIsPlain = (compression: string): Unfit => ({
  code: 'USAGE',
  message: `--compression ${compression} is for ranks that add up among themselves, and they cannot`,
  hint: 'Leave out --compression, or --all-reduce star.',
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
