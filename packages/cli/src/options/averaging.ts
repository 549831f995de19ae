import {
  allReduceNames,
  compressions,
  LockstepError,
  type OnNaN,
  onNaNPolicies,
} from '@lockstep/core';
import { toggle, withDefault } from './flag.js';
import { choice } from './parsers.js';

/** How the ranks of a run average, and who updates the weights. */
export const averagingFlags = {
  allReduce: withDefault(
    {
      flags: '--all-reduce <HOW>',
      description: `how gradients are averaged: ${allReduceNames.join(', ')} (by the coordinator); auto: what all workers can do, measured when training begins`,
      default: 'auto',
    },
    choice(['auto', ...allReduceNames] as const),
  ),
  deterministic: toggle({
    flags: '--deterministic',
    description:
      'with --all-reduce auto: take the first that all workers can do, whatever is faster now, so that two runs give the same bits',
  }),
  compression: withDefault(
    {
      flags: '--compression <TYPE>',
      description: `what crosses the network of a gradient, with error feedback: ${compressions.join(', ')}; not with --all-reduce star`,
      default: 'none',
    },
    choice(compressions),
  ),
  onNaN: withDefault(
    {
      flags: '--on-nan <POLICY>',
      description:
        'where a loss or gradient is NaN or infinite: stop, skip (leave the step out), or rollback (to the last checkpoint, with half of the learning rate)',
      default: 'stop',
    },
    choice(onNaNPolicies),
  ),
  shardOptimizer: toggle({
    flags: '--shard-optimizer',
    description:
      'each worker keeps and updates its part of the optimizer and of the weights; not with --all-reduce star',
  }),
};

interface Averaging {
  readonly allReduce: string;
  readonly compression: string;
  readonly shardOptimizer: boolean;
}

/**
 * Through the coordinator go whole gradients, and back go whole averages.
 *
 * @throws USAGE
 */
export function refuseForStar({ allReduce, compression, shardOptimizer }: Averaging): void {
  if (allReduce !== 'star') return;
  const flag =
    compression !== 'none'
      ? `--compression ${compression}`
      : shardOptimizer
        ? '--shard-optimizer'
        : null;
  if (flag === null) return;
  throw new LockstepError(
    'USAGE',
    `${flag} is for workers that add up among themselves, and with --all-reduce star the coordinator does it`,
    { hint: 'Use --all-reduce auto, or ring.' },
  );
}

/** @throws USAGE where ranks would have to agree on leaving a step out that each of them sees a part of */
export function refuseGuardedShards({
  onNaN,
  shardOptimizer,
}: {
  onNaN: OnNaN;
  shardOptimizer: boolean;
}): void {
  if (!shardOptimizer || onNaN === 'stop') return;
  throw new LockstepError('USAGE', `--shard-optimizer cannot be used with --on-nan ${onNaN}`, {
    hint: 'Each rank sees its part of the average alone: leave one of the two out.',
  });
}
