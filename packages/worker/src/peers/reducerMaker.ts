import { LockstepError } from '@lockstep/core';
import type { Header } from '@lockstep/core/protocol';
import { createSharedMemory, type Reducer, type ReducerName } from '@lockstep/core/reducer';
import type { Built } from '../build.js';

/**
 * Makes this rank's part of a reducer, together with all other ranks.
 *
 * @param channel of letters, digits and -; the same on all ranks, and another one each time
 */
export type ReducerMaker = (
  name: ReducerName,
  channel: string,
  deadlineMs: number,
) => Promise<Reducer>;

/** For the ranks that `assign` has introduced to each other. */
export function reducerMaker(
  { rank, worldSize }: Header<'assign'>,
  { welcome, model }: Built,
): ReducerMaker {
  return async (name, channel, deadlineMs) => {
    const { compression } = welcome;
    const options = { rank, worldSize, length: model.gradientLength, compression, deadlineMs };
    switch (name) {
      case 'shared-memory':
        return createSharedMemory(options, { segment: channel });
      case 'ring':
      case 'hierarchical':
        throw new LockstepError('WORKER_LOST', 'this rank has no address for others');
    }
  };
}
