import { LockstepError } from '../errors.js';
import type { Barrier, Collective } from './collective.js';

/** The coordinator is the hub: it adds up all gradients and gives the same average back to every rank. */
export function starCollective(barrier: Barrier): Collective {
  return {
    name: 'star',
    async allReduce(part) {
      const { gradient, proceed } = await barrier.contribute(part);
      if (gradient?.length !== part.gradient.length) {
        throw new LockstepError(
          'PROTOCOL_VIOLATION',
          `the average of step ${part.step} has ${gradient?.length} elements, the gradient ${part.gradient.length}`,
        );
      }
      return { gradient, proceed };
    },
  };
}
