import { type AllReduceName, allReduceNames } from '@lockstep/core';

/** Those of Lockstep, and one that it does not have, to see what it would give. */
export const algorithms = [...allReduceNames, 'halving-doubling'] as const;

export type Algorithm = AllReduceName | 'halving-doubling';
