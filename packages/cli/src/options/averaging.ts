import { allReduceNames } from '@lockstep/core';
import { withDefault } from './flag.js';
import { choice } from './parsers.js';

/** How the ranks of a run average. */
export const averagingFlags = {
  allReduce: withDefault(
    {
      flags: '--all-reduce <HOW>',
      description: `how gradients are averaged: ${allReduceNames.join(', ')} (by the coordinator); auto: what all workers can do, measured when training begins`,
      default: 'auto',
    },
    choice(['auto', ...allReduceNames] as const),
  ),
};
