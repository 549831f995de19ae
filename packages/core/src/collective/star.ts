import { LockstepError } from '../errors.js';
import { type Barrier, type Collective, withGradient } from './collective.js';

/** The coordinator is the hub: it adds up all gradients and gives the same average back to every rank. */
export function starCollective(barrier: Barrier): Collective {
  return {
    name: 'star',
    isSharded: false,
    gradientBuffer: () => null,
    factorPlaces: () => null,
    async allReduce(part) {
      const { step, gradient: own } = part;
      const begun = performance.now();
      const { gradient, proceed } = await barrier.contribute({
        ...withGradient(part),
        reports: true,
      });
      if (gradient?.length !== own.length) {
        throw new LockstepError(
          'PROTOCOL_VIOLATION',
          `the average of step ${step} has ${gradient?.length} elements, the gradient ${own.length}`,
        );
      }
      const spent = { reduce: 0, barrier: performance.now() - begun };
      return { gradient, proceed, spent };
    },
    settled: async () => undefined,
  };
}
