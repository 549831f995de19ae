import { type Barrier, type Collective, withoutGradient } from './collective.js';

/**
 * A world of one: the average of one gradient is that gradient; nothing of its size is moved. Where it reports, it waits
 * for the answer: the step is applied, and could not be left out any more.
 */
export function singleCollective(barrier: Barrier): Collective {
  return {
    name: 'single',
    isSharded: false,
    gradientBuffer: () => null,
    factorPlaces: () => null,
    async allReduce(part) {
      const begun = performance.now();
      const { proceed } = await barrier.contribute(withoutGradient(part));
      const spent = { reduce: 0, barrier: performance.now() - begun };
      return { gradient: part.gradient, proceed, spent };
    },
    settled: () => barrier.flush(),
  };
}
